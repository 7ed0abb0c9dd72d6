// The page's head, and repairs to Gradio's own parts for the whole page. Run once by gr.HTML: element.

element.querySelector('.about-open').addEventListener('click', () => element.querySelector('.about').showModal());
element.querySelector('.about').addEventListener('click', (event) => {
  if (event.target.matches('.about')) event.target.close(); // the backdrop counts as the dialog itself
});

// Its menus take a key only after the next turn of the event loop: on Tab the menu has closed by then, for the focus has
// gone, and the key opens it again, over every tab. So no menu hears of Tab; what the browser does at Tab remains.
window.addEventListener('keydown', (event) => {
  if (event.key === 'Tab' && event.target.matches?.('input[role=combobox]')) event.stopImmediatePropagation();
}, true);

// A menu that Escape closed keeps the focus, and opens only when it gets it: a click gives it anew.
window.addEventListener('mousedown', ({ target }) => {
  if (target.matches?.('input[role=combobox][aria-expanded=false]') && target === document.activeElement) target.blur();
}, true);

// What lies open over the page (Save's menu, the pad's keys) closes at Escape, and when one clicks elsewhere.
const laidOver = () => document.querySelectorAll(':is(.strip-save, .pad-help)[open]');
window.addEventListener('keydown', (event) => {
  const [one] = event.key === 'Escape' ? laidOver() : [];
  if (!one) return;
  one.open = false;
  one.querySelector('summary').focus();
  event.stopImmediatePropagation(); // at the pad, Escape would clear the drawing
}, true);
window.addEventListener('pointerdown', ({ target }) => {
  for (const one of laidOver()) if (!one.contains(target)) one.open = false;
}, true);

// A tab that a button far down opens is seen from its top.
new MutationObserver((changes) => {
  const opened = changes.some(({ target }) => target.matches('#tabs > .tab-wrapper [role=tab][aria-selected=true]'));
  if (opened && document.getElementById('tabs').getBoundingClientRect().top < 0) scrollTo(0, 0);
}).observe(document.body, { attributes: true, attributeFilter: ['aria-selected'], subtree: true });

// Its upload areas carry a label other than the text that they show, so that a voice can't name what the eye sees.
const uploads = document.getElementsByClassName('upload-container');
new MutationObserver(() => {
  for (const upload of uploads) upload.removeAttribute('aria-label');
}).observe(document.body, { childList: true, subtree: true });

// A picture that the browser can't show is an empty frame, not the browser's own sign; the answer says what is wrong.
for (const type of ['load', 'error']) {
  document.addEventListener(type, ({ target }) => {
    if (target.matches?.('#picture img')) target.style.visibility = type === 'error' ? 'hidden' : '';
  }, true);
}

// Its picture part has a button for the clipboard, but knows no Ctrl+V, and a file that is dropped beside it opens in
// the page's place. On the Read tab the page takes both.
const reading = () => document.querySelector('#tabs > .tab-wrapper [role=tab][aria-selected=true]')?.dataset.tabId === 'Read';
async function take(event, { files }) {
  const picture = [...files].find(({ type }) => type.startsWith('image/'));
  if (event.defaultPrevented || !reading() || !picture) return;
  event.preventDefault();
  document.querySelector('#source [role=tab][data-tab-id=picture]').click();
  const chooser = () => document.querySelector('#picture input[type=file]'); // is there once its tab has been seen
  for (let left = 100; left && !chooser(); left--) await new Promise((done) => setTimeout(done, 20));
  if (!chooser()) return;
  const given = new DataTransfer();
  given.items.add(picture);
  chooser().files = given.files;
  chooser().dispatchEvent(new Event('change', { bubbles: true }));
}
window.addEventListener('paste', (event) => { if (event.clipboardData) take(event, event.clipboardData); });
window.addEventListener('drop', (event) => { if (event.dataTransfer) take(event, event.dataTransfer); });
window.addEventListener('dragover', (event) => {
  if (reading() && event.dataTransfer?.types.includes('Files')) event.preventDefault(); // else nothing is ever dropped
});
