// The tour: eight steps through the network on the visitor's letter. Each chooses the stage that it speaks of; it can be
// left at any step and linked to.
//
//   const tour = mount(document.querySelector('#tour'), session, { onstep });
//   tour.go(3);    opens it at step 3 of 1 .. 8; tour.end() closes it
//
// onstep(step): it is at this step now, null: closed; for the page's address.

import { button, h } from './numbers.js';
import { paced } from './paced.js';
import { STEPS, situation } from './tour_steps.js';

const EMPTY = 'Draw a letter first, or take one of the examples: the tour follows it.';

export function mount(root, session, { onstep = () => {} } = {}) {
  let step = null; // from 1
  let waits = false; // the step could not choose its stage yet: there was no drawing
  const start = button('Take the tour: eight steps with your letter', () => go(1), { 'aria-describedby': 'tour-what' });
  const what = h('span', { id: 'tour-what' }, 'What each stage does to it, in two minutes.');
  const title = h('h3', { tabindex: -1 });
  const text = h('div.tour-text', {});
  const said = h('p.panel-said', { role: 'status' });
  const back = button('Back', () => go(step - 1));
  const next = button('Next', () => (step === STEPS.length ? end() : go(step + 1)));
  next.classList.add('tour-next');
  const dots = h('ol.tour-dots', {}, STEPS.map((_, i) => h('li', {}, h('button', {
    type: 'button', onclick: () => go(i + 1), 'aria-label': `Step ${i + 1}`,
  }))));
  const card = h('section.tour-card', { 'aria-label': 'Tour', hidden: true },
    title, text, h('div.tour-foot', {}, dots, h('span.tour-count', {}), button('End tour', () => end()), back, next));
  root.replaceChildren(h('p.tour-start', {}, start, what), card, said);
  root.classList.add('tour');

  function go(to, { focus = true } = {}) {
    step = Math.min(STEPS.length, Math.max(1, Math.round(to) || 1));
    card.hidden = false;
    document.documentElement.classList.add('on-tour');
    choose();
    show();
    said.textContent = `Step ${step} of ${STEPS.length}`;
    if (focus) title.focus({ preventScroll: true });
    onstep(step);
  }

  function end() {
    const inside = card.contains(document.activeElement);
    step = null;
    card.hidden = true;
    document.documentElement.classList.remove('on-tour');
    said.textContent = 'The tour has ended.';
    if (inside) start.focus({ preventScroll: true });
    onstep(null);
  }

  function choose() {
    const now = situation(session);
    waits = !now;
    if (!now) return;
    session.select(STEPS[step - 1].select(now));
    scroll();
    // Once more when the cell is there: what stands above it may have become longer or shorter.
    document.addEventListener('cellshown', () => requestAnimationFrame(scroll), { once: true });
  }

  function scroll() {
    if (step !== null) document.querySelector(STEPS[step - 1].near)?.scrollIntoView({ block: innerWidth > 860 ? 'nearest' : 'start' });
  }

  function show() {
    if (step === null) return;
    const now = situation(session);
    title.textContent = now ? STEPS[step - 1].title(now) : 'The tour';
    text.replaceChildren(...(now ? STEPS[step - 1].text(now) : [EMPTY]).map((paragraph) => h('p', {}, paragraph)));
    back.disabled = step === 1;
    next.textContent = step === STEPS.length ? 'Done' : 'Next';
    card.querySelector('.tour-count').textContent = `${step} of ${STEPS.length}`;
    [...dots.querySelectorAll('button')].forEach((dot, i) => {
      if (i + 1 === step) dot.setAttribute('aria-current', 'step'); else dot.removeAttribute('aria-current');
    });
  }

  card.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowRight' && step < STEPS.length) go(step + 1);
    else if (event.key === 'ArrowLeft' && step > 1) go(step - 1);
    else return;
    event.preventDefault();
  });
  // Wherever the focus is, but for what Escape closes or clears itself.
  document.addEventListener('keydown', (event) => {
    if (step === null || event.key !== 'Escape' || event.defaultPrevented || event.target.closest?.('dialog, [role=combobox]')) return;
    end();
    event.preventDefault();
  });
  session.on('reading', paced(session, () => {
    if (step !== null && waits) choose();
    show();
  }));
  session.on('network', show);
  return { go, end, get step() { return step; } };
}
