// The two lines of a lesson as it goes on: the visitor's hand and printed characters, over the steps. Where no character
// was drawn twice, no drawing tells whether the others helped: then the line is of the drawings that are learned.

import { h } from '../read/numbers.js';

const [WIDTH, HEIGHT] = [400, 100];
const percent = (value) => `${(100 * value).toFixed(1)} %`;

const svg = (name, props) => {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(props)) made.setAttribute(key, value);
  return made;
};

/** Whether a character was drawn more than once. labels: one a drawing. */
export const repeated = (labels) => new Set(labels).size < labels.length;

/**
 * points: [[step, steps, hand, printed, learned], ...]; the last one is given in words beside the lines. tested: whether
 * `hand` says something.
 */
export function curve(points, tested) {
  const mine = tested ? 2 : 4;
  const { [0]: step, [1]: steps, [mine]: hand, [3]: printed } = points.at(-1);
  const what = tested ? 'Your hand' : 'These drawings';
  const line = (at, name) => svg('polyline', {
    class: name,
    points: points.map((one) => `${(WIDTH * one[0] / Math.max(1, steps)).toFixed(1)},${(HEIGHT * (1 - one[at])).toFixed(1)}`).join(' '),
  });
  const drawn = svg('svg', {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img',
    'aria-label': `Step ${step} of ${steps}: ${what.toLowerCase()} ${percent(hand)}, printed characters ${percent(printed)}`,
  });
  drawn.append(svg('path', { class: 'hand-grid', d: `M0 0H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 ${HEIGHT}H${WIDTH}` }), line(3, 'hand-printed'), line(mine, 'hand-own'));
  return h('figure.hand-curve', {},
    h('div.hand-plot', {}, h('span.hand-tick', {}, '100 %'), h('span.hand-tick', {}, '0 %'), drawn),
    h('figcaption', {}, h('span.hand-own', {}, `${what} ${percent(hand)}`), h('span.hand-printed', {}, `Printed ${percent(printed)}`), h('span', {}, `step ${step} of ${steps}`)));
}

/** Before and after, side by side. lesson: {hand: [before, after], printed: [before, after], drawings: [[label, before, after]]} */
export function compared({ hand, printed, drawings, kept }) {
  const right = (at) => `${drawings.filter((one) => one[at] === one[0]).length} of ${drawings.length}`;
  const row = (name, ...cells) => h('tr', {}, h('th', { scope: 'row' }, name), ...cells.map((cell) => h('td', {}, cell)));
  return h('table.hand-compared', {},
    h('thead', {}, h('tr', {}, h('td', {}), h('th', { scope: 'col' }, 'Before'), h('th', { scope: 'col' }, kept ? 'After' : 'After, not kept'))),
    h('tbody', {},
      row('These drawings', right(1), right(2)),
      ...(repeated(drawings.map(([label]) => label)) ? [row('Your hand, drawings it had not learned', ...hand.map(percent))] : []),
      row('Printed characters', ...printed.map(percent))));
}
