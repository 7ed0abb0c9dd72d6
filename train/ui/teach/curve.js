// The two lines of a lesson as it goes on: the visitor's hand and printed characters, over the steps.

import { h } from '../read/numbers.js';

const [WIDTH, HEIGHT] = [400, 100];
const percent = (value) => `${(100 * value).toFixed(1)} %`;

const svg = (name, props) => {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(props)) made.setAttribute(key, value);
  return made;
};

/** points: [[step, steps, hand, printed], ...]; the last one is given in words beside the lines. */
export function curve(points) {
  const [step, steps, hand, printed] = points.at(-1);
  const line = (at, name) => svg('polyline', {
    class: name,
    points: points.map((one) => `${(WIDTH * one[0] / Math.max(1, steps)).toFixed(1)},${(HEIGHT * (1 - one[at])).toFixed(1)}`).join(' '),
  });
  const drawn = svg('svg', {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img',
    'aria-label': `Step ${step} of ${steps}: your hand ${percent(hand)}, printed characters ${percent(printed)}`,
  });
  drawn.append(svg('path', { class: 'hand-grid', d: `M0 0H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 ${HEIGHT}H${WIDTH}` }), line(3, 'hand-printed'), line(2, 'hand-own'));
  return h('figure.hand-curve', {},
    h('div.hand-plot', {}, h('span.hand-tick', {}, '100 %'), h('span.hand-tick', {}, '0 %'), drawn),
    h('figcaption', {}, h('span.hand-own', {}, `Your hand ${percent(hand)}`), h('span.hand-printed', {}, `Printed ${percent(printed)}`), h('span', {}, `step ${step} of ${steps}`)));
}

/** Before and after, side by side. lesson: {hand: [before, after], printed: [before, after], drawings: [[label, before, after]]} */
export function compared({ hand, printed, drawings, kept }) {
  const right = (at) => `${drawings.filter((one) => one[at] === one[0]).length} of ${drawings.length}`;
  const row = (name, ...cells) => h('tr', {}, h('th', { scope: 'row' }, name), ...cells.map((cell) => h('td', {}, cell)));
  return h('table.hand-compared', {},
    h('thead', {}, h('tr', {}, h('td', {}), h('th', { scope: 'col' }, 'Before'), h('th', { scope: 'col' }, kept ? 'After' : 'After, not kept'))),
    h('tbody', {},
      row('These drawings', right(1), right(2)),
      row('Your hand, drawings it had not learned', ...hand.map(percent)),
      row('Printed characters', ...printed.map(percent))));
}
