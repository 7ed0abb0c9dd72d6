// A cell of a convolution, written out: kernel beside patch for the input maps that matter most, then the sum line by
// line; and of a residual stage, both branches. A kernel's numbers can be changed here: click one, then type, or turn the
// wheel. `context` is cell_panel.js's: {session, spec, before, state, render, go, play}.

import { actLine, convolutionLines, figure, grid, inputRow, line, link } from './cell_parts.js';
import { kernelChange, withWeight, withoutKernel } from './changes.js';
import { added, button, colour, colouring, format, h, most } from './numbers.js';

const SHOWN = 5; // input maps that are shown before all are asked for
const STEP = 0.1; // of the kernel's largest weight, at a turn of the wheel

export function conv(cell, context) {
  return [
    ...kernelAndPatch(cell, context, cell.part === 'first' ? 'first.conv' : undefined),
    h('dl.sum', {}, convolutionLines(cell), actLine(cell.act, cell.preactivation, cell.sum)),
  ];
}

export function residual(cell, context) {
  const { spec, state } = context;
  const branches = [['', 'The sum of both branches'], ['first', 'The first convolution']];
  const chosen = state.part ?? '';
  const tabs = h('div.tool-row', { role: 'group', 'aria-label': 'Part of the stage' }, branches.map(([part, name]) =>
    button(name, () => { state.part = part || null; state.input = null; context.ask(); }, {
      'aria-pressed': String(part === chosen), data: { key: `part-${part}` },
    })));
  if (cell.part === 'first') return [tabs, ...conv(cell, { ...context, spec: { ...spec.first, in_shape: spec.in_shape } })];
  const { branch, shortcut, preactivation } = cell;
  return [
    tabs,
    h('p.cell-text', {}, 'Two branches meet here: the value of the stage before, unchanged, and what two convolutions add to it.'),
    ...kernelAndPatch(branch, { ...context, before: null, inner: true }),
    h('dl.sum', {}, convolutionLines(branch),
      line('Shortcut', link(`${context.title(cell.before.stage)}, same cell`, () => context.go(cell.before.stage, cell.map, cell.y, cell.x)), added(shortcut)),
      line('Both branches', `${format(branch.norm.value)} ${added(shortcut)}`, format(preactivation), '.sum-total'),
      actLine(cell.act, preactivation, cell.sum)),
  ];
}

// Kernel beside patch, the products, and the list of input maps.
function kernelAndPatch(cell, context, layer) {
  const { session, spec, state, selected } = context;
  const { inputs, order, window } = cell;
  const { kernel: size, padding } = spec.conv;
  const top = inputs[state.input ?? order[0]] ?? inputs[order[0]];
  const which = { stage: selected.stage, layer, map: selected.map, input: top.map };
  if (layer === undefined) delete which.layer;
  const changed = kernelChange(session.edits, which);
  const ink = !context.inner && context.before === null;
  const name = (map) => (ink ? 'Your drawing' : context.inner ? `Inner map ${map + 1}` : `Map ${map + 1}`);
  const products = top.kernel.map((weight, i) => weight * top.patch[i]);
  const limits = {
    patch: most(inputs.map(({ patch }) => most(patch))), kernel: most(inputs.map(({ kernel }) => most(kernel))),
    sum: most(inputs.map(({ sum }) => sum)),
  };
  const at = (i) => [window.row + Math.floor(i / size), window.column + (i % size)];
  const [, height, width] = spec.in_shape;
  const outside = (i) => at(i)[0] < 0 || at(i)[1] < 0 || at(i)[0] >= height || at(i)[1] >= width;
  // Where no weight is chosen, the largest product is spelled out.
  const largest = products.reduce((best, v, i) => (Math.abs(v) > Math.abs(products[best]) ? i : best), 0);
  const mark = Math.min(state.weight ?? largest, size * size - 1);
  const patchLook = ink ? colouring(top.patch, true) : (v) => colour(v, limits.patch);
  const choose = (event) => {
    const cellAt = event.target.closest('[data-cell]');
    if (cellAt) { [state.input, state.weight] = [top.map, Number(cellAt.dataset.cell)]; context.render(); }
  };
  const follow = (event) => {
    const i = Number(event.target.closest('[data-cell]')?.dataset.cell ?? NaN);
    if (!Number.isNaN(i) && !outside(i) && !context.inner) context.go(cell.before?.stage ?? 'input', ink ? 0 : top.map, ...at(i));
  };
  const set = (i, weight) => {
    [state.weight, state.input] = [i, top.map]; // what is changed stays in sight, whatever its sum
    session.setEdits(withWeight(session.edits, which, i, weight, top.was[i]));
  };
  const step = STEP * (most(top.kernel) || 0.1);
  const field = h('input', {
    type: 'number', step: 'any', value: Number(top.kernel[mark].toPrecision(4)), data: { key: 'weight' },
    'aria-label': `Weight in row ${Math.floor(mark / size) + 1}, column ${(mark % size) + 1} of the kernel`,
    onchange: (event) => { if (context.typed() && Number.isFinite(event.target.valueAsNumber)) set(mark, event.target.valueAsNumber); },
  });
  const kernelGrid = grid(top.kernel, size, (v) => colour(v, limits.kernel), {
    mark, changed: (i) => top.was[i] !== top.kernel[i], tabindex: 0, role: 'application',
    'aria-label': `Kernel of ${size} by ${size}: choose a weight with the arrow keys, change it with + and −`,
    data: { key: 'kernel' }, onclick: (event) => { choose(event); context.focus('kernel'); },
    onkeydown: (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -size, ArrowDown: size }[event.key];
      const more = { '+': step, '=': step, '-': -step }[event.key];
      if (by && mark + by >= 0 && mark + by < size * size) { state.weight = mark + by; context.render(); }
      if (more) set(mark, top.kernel[mark] + more);
      if (event.key === 'Enter') context.focus('weight');
      if (by || more) { event.preventDefault(); event.stopPropagation(); }
    },
    onwheel: (event) => {
      if (!event.currentTarget.contains(document.activeElement)) return; // the page scrolls until a weight is chosen
      event.preventDefault();
      const i = Number(event.target.closest('[data-cell]')?.dataset.cell ?? mark);
      set(i, top.kernel[i] - Math.sign(event.deltaY) * step);
    },
  });
  const head = h('div.kernel-head', {}, h('h4', {}, name(top.map)),
    changed && h('span.changed', {}, 'kernel changed'),
    changed && button('Put back', () => session.setEdits(withoutKernel(session.edits, which)), { data: { key: 'kernel-back' } }),
    (outside(0) || outside(size * size - 1)) && h('span.num-striped', {}, `Striped: padding of ${padding}`));
  const shown = h('div.kernel-row', {},
    figure(grid(top.patch, size, patchLook, { mark, faint: outside, onclick: follow, 'aria-hidden': 'true' }), 'Patch'),
    h('b', {}, '×'), figure(kernelGrid, 'Kernel'), h('b', {}, '='),
    figure(grid(products, size, colouring(products), { mark, 'aria-hidden': 'true' }), 'Products'));
  const product = h('p.weight-line', {},
    h('span', {}, `Row ${Math.floor(mark / size) + 1}, column ${(mark % size) + 1}:`),
    ` ${format(top.patch[mark], 3)} × `, field, ` = ${format(products[mark], 3)}`,
    h('span.weight-sum', {}, `all ${size * size} add up to `, h('b', {}, format(top.sum))));
  return [head, shown, product, inputs.length > 1 && inputList(inputs, order, { context, top, size, name, ink, limits })];
}

function inputList(inputs, order, { context, top, size, name, ink, limits }) {
  const { state } = context;
  const row = (index) => inputRow(inputs[index], size, {
    name: name(index), ink, chosen: index === top.map, limits,
    onclick: () => { [state.input, state.weight] = [index, null]; context.render(); },
  });
  const list = h('ol.input-list', { 'aria-label': 'Input maps' }, order.slice(0, state.all ? order.length : SHOWN).map(row));
  return h('div.inputs', {},
    h('h4', {}, `The input maps that matter most, of ${inputs.length}`), list,
    inputs.length > SHOWN && button(state.all ? 'Fewer' : `All ${inputs.length}`, () => { state.all = !state.all; context.render(); }, {
      'aria-expanded': String(Boolean(state.all)), data: { key: 'all-inputs' },
    }));
}
