// The pieces that a cell's arithmetic is shown with: grids of numbers, lines of a sum, lists of terms.

import { added, colour, colouring, format, h, inkOn, most, short, thumb, within } from './numbers.js';

const NAMES = { relu: 'ReLU', leaky_relu: 'LeakyReLU', elu: 'ELU', silu: 'SiLU', sigmoid: 'Sigmoid' };
const READABLE = 5; // up to this many columns, cells are large enough for their numbers

/** What an activation is called. */
export const actName = (act) => NAMES[act.name];

/**
 * A square of numbers side by side. look: colour of a value; mark: the cell that is marked; faint(i): cells outside.
 * Cells carry data-cell, their number; the grid as a whole hears of clicks and keys.
 */
export function grid(values, columns, look, { mark = null, faint = () => false, changed = () => false, ...props } = {}) {
  const readable = columns <= READABLE;
  return h(`div.num-grid${readable ? '' : '.num-small'}`, { style: `--columns:${columns}`, ...props },
    Array.from(values, (value, i) => {
      const back = look(value, i);
      const classes = `${faint(i) ? '.num-rim' : ''}${i === mark ? '.num-mark' : ''}${changed(i) ? '.num-changed' : ''}`;
      return h(`i${classes}`, { data: { cell: i }, style: `background:rgb(${back});color:${inkOn(back)}` },
        readable ? short(value) : '');
    }));
}

/** A figure with what stands below it. */
export const figure = (content, caption) => h('figure', {}, content, h('figcaption', {}, caption));

/** A line of the sum: what it is, how it comes about, its value. */
export function line(name, how, value, kind = '') {
  return h(`div.sum-line${kind}`, {}, h('dt', {}, name), h('dd.sum-how', {}, how), h('dd.sum-value', {}, value));
}

/** The lines of a convolution: all products, the bias, the batch norm. `cell`: as arithmetic.js gives it. */
export function convolutionLines(cell) {
  const { inputs, products, bias, convolution, norm } = cell;
  const root = Math.sqrt(norm.variance + norm.eps);
  return [
    line(inputs.length === 1 ? 'The products' : `All ${inputs.length} sums`, '', format(products)),
    line('Bias', 'learned', added(bias)),
    line('Convolution', '', format(convolution), '.sum-total'),
    line('Batch norm', h('span', {
      title: '(convolution − mean) ÷ √(variance + ε) × scale + shift; mean and variance are those of the training',
    }, `(${format(convolution)} ${added(-norm.mean)}) ÷ ${format(root)} × ${within(norm.scale)} ${added(norm.shift)}`),
    format(norm.value)),
  ];
}

/** The line of an activation; none where there is none. */
export function actLine(act, before, after) {
  if (!act) return null;
  const how = {
    relu: () => `the larger of 0 and ${format(before)}`,
    leaky_relu: () => (before > 0 ? `${format(before)} is above 0: it stays` : `${format(act.slope)} × ${format(before)}`),
    elu: () => (before > 0 ? `${format(before)} is above 0: it stays` : `${format(act.alpha)} × (e^${format(before)} − 1)`),
    silu: () => `${format(before)} × sigmoid(${format(before)})`,
    sigmoid: () => `1 ÷ (1 + e^${within(-before)})`,
  }[act.name]();
  return line(actName(act), how, format(after));
}

/**
 * A list of products, largest first: {name, value, weight, product, go}. go: what a click on the name does; choose: on
 * its weight, if it can be changed; changed: whether it is.
 */
export function termList(terms, rest = null, count = 0) {
  const limit = most(terms.map((term) => term.product));
  return h('ol.terms', {}, terms.map((term) => h('li', {},
    link(term.name, term.go),
    h('span.term-how', {}, `${format(term.value, 3)} × `, term.choose ? h(`button.cell-link${term.changed ? '.changed' : ''}`, {
      type: 'button', onclick: term.choose, 'aria-label': `${within(term.weight)}: change the weight of ${term.name}`,
    }, within(term.weight)) : within(term.weight)),
    bar(term.product, limit),
    h('b', {}, format(term.product, 3)))),
  rest === null ? null : h('li.term-rest', {}, h('span', {}, `${count.toLocaleString('en')} more`), h('span'), h('span'),
    h('b', {}, format(rest, 3))));
}

/** A bar from the middle: to the right what is above zero, to the left what is below. */
export function bar(value, limit) {
  const percent = limit ? 50 * Math.min(1, Math.abs(value) / limit) : 0;
  const from = value < 0 ? 50 - percent : 50;
  return h('span.term-bar', { 'aria-hidden': 'true' },
    h(`i${value < 0 ? '.term-less' : ''}`, { style: `left:${from}%;width:${percent}%` }));
}

/** A word that leads to another cell; only a word where `go` is null. */
export const link = (text, go) => (go ? h('button.cell-link', { type: 'button', onclick: go }, text) : h('span', {}, text));

/** Patch and kernel of one input map as two small pictures, and their sum. */
export function inputRow({ map, sum, kernel, patch }, size, { name, ink, chosen, limits, onclick }) {
  return h('li', {}, h('button.input-row', {
    type: 'button', onclick, 'aria-pressed': String(chosen), data: { input: map, key: `input-${map}` },
    'aria-label': `${name}: its products add up to ${format(sum, 3)}`,
  }, h('span', {}, name), thumb(patch, size, size, ink ? colouring(patch, true) : (v) => colour(v, limits.patch), { 'aria-hidden': 'true' }),
  thumb(kernel, size, size, (v) => colour(v, limits.kernel), { 'aria-hidden': 'true' }), bar(sum, limits.sum), h('b', {}, format(sum, 3))));
}
