// A part of the page that changes while one looks at it, run by gr.HTML with: element, props, watch.
// What is there is changed into what came, piece by piece, so that focus, scrolling and ticks stay and nothing flickers.
function morph(old, fresh) {
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) { old.replaceWith(fresh); return; }
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
    return;
  }
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name) && name !== 'hidden') old.removeAttribute(name);
  for (const { name, value } of [...fresh.attributes]) {
    if (old.getAttribute(name) === value || (name === 'hidden' && old.dataset.own)) continue;
    old.setAttribute(name, value);
  }
  if (old.nodeName === 'INPUT') old.checked = fresh.hasAttribute('checked');
  const [have, want] = [[...old.childNodes], [...fresh.childNodes]];
  want.forEach((node, place) => (place < have.length ? morph(have[place], node) : old.append(node)));
  have.slice(want.length).forEach((node) => node.remove());
}
const GROWS = '.log, .follow ol:not(.follow-play)'; // what grows at its end, which stays in sight
const host = element.querySelector('.live');
function renew() {
  const fresh = document.createElement('template');
  fresh.innerHTML = `<div class="live">${props.value || ''}</div>`;
  const log = host.querySelector(GROWS);
  const atEnd = !log || log.scrollHeight - log.scrollTop - log.clientHeight < 8;
  morph(host, fresh.content.firstChild);
  const now = host.querySelector(GROWS);
  if (now && atEnd) now.scrollTop = now.scrollHeight; // what is read further up stays where it is
}
watch('value', renew);
renew();
