// How the value of one cell comes about, every number of it, added up again from what the stage got.
//
// cellOf(context) gives
//   kind, stage, map, y, x     which cell; a row of values has y = x = 0
//   value, sum, difference     the tensor's value, ours, and how far they are apart, relative to `scale`
//   scale                      the largest of the numbers added up: float32 cannot come nearer than that allows
//   agrees                     whether that is at most 1e-5
//   off                        switched off: value and sum are 0, the rest is what would have been
//   field                      {rows, columns} [from, to) on the input image
//   before                     {stage, maps, rows, columns}: what it sees of the stage before (stage null: of the
//                              image); maps null: all of them; rows null: that stage is a row of values
// and what its kind adds:
//   conv      inputs [{map, sum, kernel, patch, was}] (was: the kernel in the network's file), order (their indices, those that matter most first), window {row,
//             column, size} (outside the map: padding), products (all sums), bias, convolution, norm {mean, variance,
//             eps, scale, shift, value}, act {name}, preactivation
//   residual  shortcut and branch (the second convolution, as conv has it), preactivation; part 'first': a cell of the
//             maps between the two convolutions, as conv has it
//   pool      candidates [{y, x, value}], winner (its index)
//   flatten   from {map, y, x, value}, act
//   fc        terms (largest first: {index, value, weight, was, product}, and {map, y, x} if maps were flattened), rest,
//             asked (the term of part {index}, or the largest), products of all, byMap [{map, sum}] or null, bias, preactivation, act
//   gru       gates {reset, update, candidate}: {input, state, value, terms, rest}; stateBefore; layer, step, layers,
//             steps; the sum is (1 - update) candidate + update stateBefore. part: {layer, step}, or the last ones
//   fold      terms [{character, index, logit, power}], highest, count
//   softmax   logit, temperature, highest, terms [{label, logit, power}] (largest first), total

import { activated } from './activations.js';
import { gruLayers, softmax, windowOf } from './stages.js';

const NEAR = 1e-5;
const SHOWN = 12; // of the terms of a fully connected unit

export function cellOf(context) {
  const { specs, index, map, y, x, output, off } = context;
  const stage = specs[index];
  const explained = EXPLAIN[stage.kind](context, stage);
  const [, height = 1, width = 1] = stage.out_shape;
  const value = explained.value ?? output[(map * height + y) * width + x];
  return checked({
    kind: stage.kind, stage: stage.name, map, y, x, field: fieldOf(context), ...explained,
    before: { stage: index ? specs[index - 1].name : null, ...explained.before },
    value, sum: off && !explained.inner ? 0 : explained.sum, off,
  });
}

function checked(cell) {
  const scale = Math.max(Math.abs(cell.value), Math.abs(cell.sum), cell.scale ?? 0) || 1;
  const difference = Math.abs(cell.sum - cell.value) / scale;
  return { ...cell, scale, difference, agrees: difference <= NEAR };
}

const most = (values) => values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
const total = (values) => values.reduce((sum, value) => sum + value, 0);
const largestFirst = (values) => [...values.keys()].sort((a, b) => Math.abs(values[b]) - Math.abs(values[a]));

// What a cell sees of the image.
function fieldOf({ specs, index, map, y, x, side, part }) {
  const stage = specs[index];
  const before = index ? specs[index - 1] : null;
  const imageField = { start: 0, step: 1, size: 1 };
  if (stage.kind === 'flatten') {
    const [, height, width] = stage.in_shape;
    const [row, column] = [Math.floor(map / width) % height, map % width];
    return spanOf(before ? before.field : imageField, row, column, side);
  }
  if (stage.kind === 'residual' && part === 'first') {
    const { start, step, size } = before ? before.field : imageField;
    return spanOf({ start: start - step, step, size: size + 2 * step }, y, x, side);
  }
  return spanOf(stage.field, y, x, side);
}

function spanOf(field, row, column, side) {
  const { start, step, size } = field ?? { start: 0, step: 0, size: side };
  const span = (cell) => [Math.max(0, start + cell * step), Math.min(side, start + cell * step + size)];
  return { rows: span(row), columns: span(column) };
}

// One cell of a convolution with its batch norm: all that `conv` adds above, but for the activation.
function convolution({ conv, norm }, [, height, width], maps, { tensor, original, map, y, x }) {
  const { kernel: k, stride, padding, inputs: count } = conv;
  const each = k * k;
  // All kernels in one array, and all patches in another: views of one are far cheaper to hand over than many arrays.
  const own = (weights) => weights.slice(map * count * each, (map + 1) * count * each);
  const kernels = own(tensor(conv.weight));
  const before = original(conv.weight) ? own(original(conv.weight)) : kernels;
  const patches = new Float32Array(count * each);
  const window = { row: y * stride - padding, column: x * stride - padding, size: k };
  for (let i = 0; i < patches.length; i++) {
    const [row, column] = [window.row + (Math.floor(i / k) % k), window.column + (i % k)];
    if (row < 0 || column < 0 || row >= height || column >= width) continue;
    patches[i] = maps[(Math.floor(i / each) * height + row) * width + column];
  }
  const inputs = Array.from({ length: count }, (_, input) => {
    const [kernel, patch, was] = [kernels, patches, before].map((all) => all.subarray(input * each, (input + 1) * each));
    return { map: input, sum: patch.reduce((sum, value, i) => sum + value * kernel[i], 0), kernel, patch, was };
  });
  const sums = inputs.map((input) => input.sum);
  const bias = tensor(conv.bias)[map];
  const products = total(sums);
  const [mean, variance, scale, shift] = ['mean', 'variance', 'scale', 'shift'].map((name) => tensor(norm[name])[map]);
  const factor = scale / Math.sqrt(variance + norm.eps);
  const value = (products + bias - mean) * factor + shift;
  return {
    inputs, order: largestFirst(sums), window, products, bias, convolution: products + bias,
    norm: { mean, variance, eps: norm.eps, scale, shift, value },
    largest: Math.max(most([...sums, bias, mean]) * Math.abs(factor), Math.abs(shift)),
  };
}

// The window that a cell sees of maps of this shape, cut at their edges.
const windowed = (y, x, kernel, stride, padding, [, height, width]) => ({
  rows: windowOf(y, kernel, stride, padding, height), columns: windowOf(x, kernel, stride, padding, width),
});

function conv(context, stage) {
  const { input, y, x } = context;
  const { largest, ...sums } = convolution(stage, stage.in_shape, input, context);
  const { kernel, stride, padding } = stage.conv;
  return {
    ...sums, act: stage.act, preactivation: sums.norm.value, sum: activated(stage.act, sums.norm.value),
    scale: largest,
    before: { maps: null, ...windowed(y, x, kernel, stride, padding, stage.in_shape) },
  };
}

function residual(context, stage) {
  const { input, inner, map, y, x, part } = context;
  const [, height, width] = stage.in_shape;
  const at = (map * height + y) * width + x;
  if (part === 'first') {
    return { ...conv(context, { ...stage.first, in_shape: stage.in_shape }), part, inner: true, value: inner[at] };
  }
  const { largest, ...branch } = convolution(stage, stage.in_shape, inner, context);
  const preactivation = input[at] + branch.norm.value;
  return {
    shortcut: input[at], branch, preactivation, act: stage.act, sum: activated(stage.act, preactivation),
    scale: Math.max(largest, Math.abs(input[at])),
    // Two convolutions of 3x3 see five cells.
    before: { maps: null, ...windowed(y, x, 5, 1, 2, stage.in_shape) },
  };
}

function pool({ input, map, y, x }, stage) {
  const [, height, width] = stage.in_shape;
  const seen = windowed(y, x, stage.kernel, stage.stride, stage.padding, stage.in_shape);
  const candidates = [];
  for (let row = seen.rows[0]; row < seen.rows[1]; row++) {
    for (let column = seen.columns[0]; column < seen.columns[1]; column++) {
      candidates.push({ y: row, x: column, value: input[(map * height + row) * width + column] });
    }
  }
  const winner = candidates.reduce((best, one, i) => (one.value > candidates[best].value ? i : best), 0);
  return { candidates, winner, sum: candidates[winner].value, before: { maps: map, ...seen } };
}

// Where value number `index` of flattened maps lay.
function unflattened(index, [, height, width]) {
  return { map: Math.floor(index / height / width), y: Math.floor(index / width) % height, x: index % width };
}

function flatten({ input, map }, stage) {
  const from = { ...unflattened(map, stage.in_shape), value: input[map] };
  return {
    from, act: stage.act, sum: activated(stage.act, from.value),
    before: { maps: from.map, rows: [from.y, from.y + 1], columns: [from.x, from.x + 1] },
  };
}

// Products of a row of weights with values, and the largest of them.
function contributions(weight, at, values, shape = null) {
  const products = Float64Array.from(values, (value, i) => value * weight[at + i]);
  const terms = largestFirst(products).slice(0, SHOWN).map((index) => ({
    index, value: values[index], weight: weight[at + index], product: products[index],
    ...(shape && unflattened(index, shape)),
  }));
  return { products, terms, rest: total(products) - total(terms.map((term) => term.product)) };
}

function fc({ specs, index, input, tensor, original, map, part }, stage) {
  const before = index ? specs[index - 1] : null;
  const shape = before?.kind === 'flatten' ? before.in_shape : null;
  const [weight, start] = [tensor(stage.fc.weight), map * stage.fc.inputs];
  const found = contributions(weight, start, input, shape);
  const was = (number) => (original(stage.fc.weight) || weight)[start + number];
  const terms = found.terms.map((term) => ({ ...term, was: was(term.index) }));
  const number = part?.index < input.length ? part.index : terms[0].index;
  const asked = {
    index: number, value: input[number], weight: weight[start + number], was: was(number), product: found.products[number],
    ...(shape && unflattened(number, shape)),
  };
  const bias = tensor(stage.fc.bias)[map];
  const preactivation = total(found.products) + bias;
  const each = shape && shape[1] * shape[2];
  const byMap = shape && Array.from({ length: shape[0] }, (_, m) => ({
    map: m, sum: total(found.products.subarray(m * each, (m + 1) * each)),
  }));
  return {
    ...found, terms, asked, byMap, bias, preactivation, act: stage.act, sum: activated(stage.act, preactivation),
    scale: Math.max(most(found.products), Math.abs(bias)), before: { maps: null, rows: null, columns: null },
  };
}

function gru({ input, tensor, map, part }, stage) {
  const layers = gruLayers(stage, input, tensor);
  const layer = part?.layer ?? layers.length - 1;
  const step = part?.step ?? layers[layer].length - 1;
  const row = layers[layer][step];
  const names = stage.layers[layer];
  const gate = (number, value) => {
    const at = number * stage.width + map;
    const { terms, rest } = contributions(tensor(names.weight_ih), at * row.input.length, row.input);
    return { input: row.fromInput[at], state: row.fromState[at], value, terms, rest };
  };
  const gates = {
    reset: gate(0, row.reset[map]), update: gate(1, row.update[map]), candidate: gate(2, row.candidate[map]),
  };
  const sum = (1 - row.update[map]) * row.candidate[map] + row.update[map] * row.before[map];
  const last = layer === layers.length - 1 && step === layers[layer].length - 1;
  const [, rows = null, columns = null] = stage.in_shape;
  return {
    gates, stateBefore: row.before[map], layer, step, layers: layers.length, steps: layers[layer].length, sum,
    before: { maps: null, rows: rows && [0, rows], columns: columns && [0, columns] },
    ...(last ? {} : { inner: true, value: row.state[map] }),
  };
}

function fold({ input, map }, stage) {
  const { kept, labels, counts, characters } = stage;
  const highest = Math.max(...kept.map((index) => input[index]));
  const terms = kept.filter((_, i) => labels[i] === map).map((index) => ({
    character: characters[index], index, logit: input[index], power: Math.exp(input[index] - highest),
  }));
  const powers = total(terms.map((term) => term.power));
  return {
    terms, highest, count: counts[map], sum: Math.log(powers / Math.sqrt(counts[map])) + highest,
    scale: Math.max(...terms.map((term) => Math.abs(term.logit)), Math.abs(highest)),
    before: { maps: null, rows: null, columns: null },
  };
}

const EXPLAIN = { conv, residual, pool, flatten, fc, gru, fold };

/** The probability of class `label` from the logits: see the head of this file. */
export function softmaxOf({ temperature, stages, side }, logits, label) {
  const highest = Math.max(...logits);
  const terms = Array.from(logits, (logit, other) => ({
    label: other, logit, power: Math.exp((logit - highest) / temperature),
  }));
  const sum = terms[label].power / total(terms.map((term) => term.power));
  return checked({
    kind: 'softmax', stage: 'softmax', map: label, y: 0, x: 0, off: false, logit: logits[label], temperature, highest,
    total: total(terms.map((term) => term.power)), terms: terms.sort((a, b) => b.power - a.power),
    field: { rows: [0, side], columns: [0, side] },
    before: { stage: stages.at(-1).name, maps: null, rows: null, columns: null },
    value: softmax(logits, temperature)[label], sum,
  });
}
