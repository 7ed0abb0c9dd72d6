// A cell of every stage that is no convolution, written out: pooling, flattening, fully connected, GRU, Fold, a class's
// probability, and a pixel of the drawing. `context` is cell_panel.js's.

import { withWeight } from './changes.js';
import { actLine, figure, grid, line, link, termList } from './cell_parts.js';
import { added, button, colour, colouring, format, h, most, percent, within } from './numbers.js';

export function input(cell) {
  return [h('p.cell-text', {}, cell.value > 0
    ? `Ink where 1 is black and 0 is paper. The pen is soft at its edge, so that some pixels are in between.`
    : 'Paper: 0. A convolution multiplies it by a weight and gets nothing.')];
}

export function pool(cell, { go, spec, title }) {
  const { candidates, winner, before } = cell;
  const columns = before.columns[1] - before.columns[0];
  const values = candidates.map(({ value }) => value);
  const follow = (event) => {
    const found = candidates[event.target.closest('[data-cell]')?.dataset.cell];
    if (found) go(before.stage, cell.map, found.y, found.x);
  };
  return [
    h('p.cell-text', {}, `The largest of the ${candidates.length} values that the window of ${spec.kernel}×${spec.kernel} covers in map ${cell.map + 1} of ${title(before.stage)} goes on; the others are dropped.`),
    h('div.kernel-row', {}, figure(grid(values, columns, colouring(values), { mark: winner, onclick: follow, 'aria-hidden': 'true' }), title(before.stage))),
    h('ol.terms.candidates', {}, candidates.map((one, i) => h('li', {},
      link(`Row ${one.y + 1}, column ${one.x + 1}`, () => go(before.stage, cell.map, one.y, one.x)),
      h('span', {}, i === winner ? 'the winner' : ''), h('b', {}, format(one.value))))),
    h('dl.sum', {}, line('The largest', '', format(cell.sum), '.sum-total')),
  ];
}

export function flatten(cell, { go, title }) {
  const { from } = cell;
  return [
    h('p.cell-text', {}, 'The maps are laid in one row. This value comes from ',
      link(`${title(cell.before.stage)}, map ${from.map + 1}, row ${from.y + 1}, column ${from.x + 1}`, () => go(cell.before.stage, from.map, from.y, from.x)), '.'),
    h('dl.sum', {}, line('That value', '', format(from.value)), actLine(cell.act, from.value, cell.sum)),
  ];
}

export function fc(cell, context) {
  const { go, before, title, classes, state } = context;
  const { terms, products, byMap, bias, preactivation } = cell;
  const named = (term) => (term.map === undefined ? `${title(before.name)} ${term.index + 1}` : `Map ${term.map + 1}, cell ${term.y + 1},${term.x + 1}`);
  const listed = terms.map((term) => ({
    ...term, name: named(term), go: () => go(before.name, term.index, 0, 0), changed: term.weight !== term.was,
    choose: () => { state.part = { index: term.index }; context.ask(); context.focusNext('weight'); },
  }));
  const limit = byMap && most(byMap.map(({ sum }) => sum));
  const strongest = byMap && [...byMap].sort((one, other) => Math.abs(other.sum) - Math.abs(one.sum)).slice(0, 16);
  return [
    h('h4', {}, `The largest of ${products.length.toLocaleString('en')} products`),
    termList(listed, cell.rest, products.length - terms.length),
    fcWeight(cell.asked, named(cell.asked), context),
    byMap && h('h4', {}, 'Added up map by map, the strongest first'),
    byMap && h('ol.by-map', {}, strongest.map(({ map, sum }) => {
      const back = colour(sum, limit);
      return h('li', { style: `background:rgb(${back})`, title: `Map ${map + 1}: ${format(sum)}` }, h('span', {}, String(map + 1)));
    })),
    h('dl.sum', {},
      line(`All ${products.length.toLocaleString('en')} products`, '', format(preactivation - bias)),
      line('Bias', 'learned', added(bias)),
      line(classes ? 'The class’s value' : 'Sum', '', format(preactivation), '.sum-total'),
      actLine(cell.act, preactivation, cell.sum)),
  ];
}

// The weight that was chosen in the list, to be changed.
function fcWeight({ index, value, weight, was, product }, name, { session, selected, state, typed }) {
  const which = { stage: selected.stage, layer: 'fc', map: selected.map, input: index };
  const set = (now) => { state.part = { index }; session.setEdits(withWeight(session.edits, which, 0, now, was)); };
  const field = h('input', {
    type: 'number', step: 'any', value: Number(weight.toPrecision(4)), data: { key: 'weight' }, 'aria-label': `Weight of ${name}`,
    onchange: (event) => { if (typed() && Number.isFinite(event.target.valueAsNumber)) set(event.target.valueAsNumber); },
  });
  const changed = weight !== was;
  return h('p.weight-line', {}, h('span', {}, `${name}:`), ` ${format(value, 3)} × `, field, ` = ${format(product, 3)}`,
    changed && h('span.changed', {}, `was ${format(was)}`),
    changed && button('Put back', () => set(was), { data: { key: 'kernel-back' } }));
}

export function gru(cell, context) {
  const { gates, stateBefore, layer, layers, step, steps, map } = cell;
  const { state, before, go, title } = context;
  const pick = (name, count, now) => count > 1 && h('div.tool-row', { role: 'group', 'aria-label': name }, Array.from({ length: count }, (_, i) =>
    button(`${name} ${i + 1}`, () => { state.part = { layer, step, [name.toLowerCase()]: i }; if (name === 'Layer') delete state.part.step; context.ask(); }, {
      'aria-pressed': String(i === now), data: { key: `${name}-${i}` },
    })));
  const shape = layer === 0 && before?.out_shape.length > 1 ? before.out_shape : null;
  const gate = (name, what, func) => {
    const found = gates[name];
    const sum = name === 'candidate'
      ? `tanh(${format(found.input)} + ${format(gates.reset.value)} × ${within(found.state)})` : `${func}(${format(found.input)} ${added(found.state)})`;
    const terms = found.terms.slice(0, 5).map((term) => ({
      ...term, ...(shape ? cellOf(term.index, shape, before, go) : { name: layer ? `Layer ${layer}, value ${term.index + 1}` : `Value ${term.index + 1}` }),
    }));
    return h('details.gate', { data: { key: `gate-${name}` }, open: state.open?.has(name) ?? false, ontoggle: (event) => { (state.open ??= new Set())[event.target.open ? 'add' : 'delete'](name); } },
      h('summary', {}, h('b', {}, name[0].toUpperCase() + name.slice(1)), h('span', {}, sum), h('b', {}, format(found.value))),
      h('p.cell-text', {}, what), termList(terms));
  };
  return [
    pick('Layer', layers, layer), pick('Step', steps, step),
    h('p.cell-text', {}, `Three gates look at ${title(before?.name ?? null)} and at what the unit remembers.`),
    gate('reset', 'How much of the memory the candidate may use: 0 nothing, 1 all of it.', 'sigmoid'),
    gate('update', 'How much of the memory stays: 0 nothing, 1 all of it.', 'sigmoid'),
    gate('candidate', 'The new value that the unit proposes.', 'tanh'),
    h('dl.sum', {},
      line('New', `(1 − ${format(gates.update.value)}) × ${within(gates.candidate.value)}`, format((1 - gates.update.value) * gates.candidate.value)),
      line('Remembered', `${format(gates.update.value)} × ${within(stateBefore)}`, added(gates.update.value * stateBefore)),
      line(`Value ${map + 1}`, '', format(cell.sum), '.sum-total')),
  ];
}

// A position in maps that were laid in a row.
function cellOf(index, [, height, width], before, go) {
  const [map, y, x] = [Math.floor(index / height / width), Math.floor(index / width) % height, index % width];
  return { name: `Map ${map + 1}, cell ${y + 1},${x + 1}`, go: () => go(before.name, map, y, x) };
}

export function fold(cell, { go, before }) {
  const { terms, highest, count } = cell;
  return [
    h('p.cell-text', {}, count > 1
      ? `This class joins ${terms.map((term) => term.character).join(' and ')}: e to the power of each value is added up, and the logarithm of the sum is taken.`
      : 'This class is one character alone: its value goes on as it is.'),
    h('ol.terms.candidates.by-class', {}, terms.map((term) => h('li', {},
      link(term.character, () => go(before.name, term.index, 0, 0)), h('span', {}, `e^(${format(term.logit)} ${added(-highest)}) = ${format(term.power)}`), h('b', {}, format(term.logit))))),
    h('dl.sum', {},
      line('Powers', terms.length > 1 ? terms.map((term) => format(term.power)).join(' + ') : '', format(terms.reduce((sum, term) => sum + term.power, 0))),
      line('Joined', `ln(the sum ÷ √${count}) ${added(highest)}`, format(cell.sum), '.sum-total')),
  ];
}

export function softmax(cell, { go, spec, names }) {
  const { logit, temperature, highest, terms, total, map } = cell;
  const own = terms.find((term) => term.label === map);
  const heat = temperature === 1 ? '' : ` ÷ ${format(temperature)}`;
  const power = (term) => `e^((${format(term.logit)} ${added(-highest)})${heat})`;
  return [
    h('p.cell-text', {}, `Softmax turns the ${terms.length} values into probabilities: each is e to the power of its value, divided by the sum of all.${heat && ` The temperature, ${format(temperature)}, was chosen after training, so that nine in ten of the answers given with 90 % are right.`}`),
    h('ol.terms.candidates.by-class', {}, terms.slice(0, 6).map((term) => h('li', {},
      link(names[term.label], () => go(spec.name, term.label, 0, 0)), h('span', {}, `${power(term)} = ${format(term.power, 3)}`), h('b', {}, percent(term.power / total))))),
    h('dl.sum', {},
      line('Its value', link(`where it comes from`, () => go(spec.name, map, 0, 0)), format(logit)),
      line('Its power', power(own), format(own.power)),
      line(`All ${terms.length} powers`, '', format(total)),
      line('Its probability', `${format(own.power)} ÷ ${format(total)}`, percent(cell.sum), '.sum-total')),
  ];
}
