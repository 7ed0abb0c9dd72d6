// The forward pass of every kind of stage, on one image: maps are Float32Array (C x H x W), rows of values are flat.
//
// KINDS[kind](stage, tensor, memory) prepares a stage and gives {run(input, output), inner}:
//   stage   what fontdemo/reading/description.py says of it; memory: see matmul.js
//   tensor  (name, length) -> Float32Array of that length; an error in words where there is none
//   run     fills `output` (of stage.out_shape) with what the stage makes of `input`; it keeps nothing of either
//   inner   what else it computed on the way (the residual stage's first maps), for arithmetic.js; null mostly
// A new kind is one function here, entered in KINDS.

import { activate } from './activations.js';

export const size = (shape) => shape.reduce((product, side) => product * side, 1);

/** Batch norm of each output as a factor and a summand: norm(v) = v * factor + summand. */
function normFactors(norm, outputs, tensor) {
  const names = ['scale', 'shift', 'mean', 'variance'];
  const [scale, shift, mean, variance] = names.map((name) => tensor(norm[name], outputs));
  const factor = Float64Array.from(scale, (value, o) => value / Math.sqrt(variance[o] + norm.eps));
  return { factor, summand: Float64Array.from(shift, (value, o) => value - mean[o] * factor[o]) };
}

// A convolution with its batch norm folded into weights and biases: (maps, maps out) => void.
function convolver(name, { conv, norm }, inShape, outShape, tensor, memory) {
  const { kernel, stride, padding, outputs } = conv;
  const [inputs, height, width] = inShape;
  const [, rows, columns] = outShape;
  const terms = inputs * kernel * kernel;
  const blocks = Math.ceil(outputs / 4);
  const { factor, summand } = normFactors(norm, outputs, tensor);
  const bias = tensor(conv.bias, outputs).map((value, o) => value * factor[o] + summand[o]);
  const weight = tensor(conv.weight, outputs * terms);
  const weights = memory.allocate(`${name} weights`, 4 * blocks * terms);
  const panel = memory.allocate(`panel of ${terms}`, 8 * terms);
  const products = memory.allocate(`products of ${blocks}`, 32 * blocks);
  const floats = memory.floats;
  for (let o = 0; o < 4 * blocks; o++) {
    for (let t = 0, to = weights + (o >> 2) * 4 * terms + (o & 3); t < terms; t++, to += 4) {
      floats[to] = o < outputs ? weight[o * terms + t] * factor[o] : 0;
    }
  }
  // The maps lie in a wider sheet, zeros around each: so no position is ever outside.
  const [sheetHeight, sheetWidth] = [height + 2 * padding, width + 2 * padding];
  const sheet = new Float32Array(inputs * sheetHeight * sheetWidth);
  const offsets = new Int32Array(terms); // of each term from the corner of its window
  for (let t = 0; t < terms; t++) {
    const [map, row, column] = [Math.floor(t / kernel / kernel), Math.floor(t / kernel) % kernel, t % kernel];
    offsets[t] = (map * sheetHeight + row) * sheetWidth + column;
  }
  const positions = rows * columns;
  const corners = new Int32Array(8 * Math.ceil(positions / 8)); // of each position's window; those too many read the first
  for (let n = 0; n < positions; n++) {
    corners[n] = Math.floor(n / columns) * stride * sheetWidth + (n % columns) * stride;
  }
  return (input, output) => {
    for (let map = 0, from = 0; map < inputs; map++) {
      for (let row = 0; row < height; row++, from += width) {
        const to = (map * sheetHeight + row + padding) * sheetWidth + padding;
        for (let i = 0; i < width; i++) sheet[to + i] = input[from + i];
      }
    }
    const all = memory.floats;
    for (let first = 0; first < positions; first += 8) {
      gather(sheet, corners, first, offsets, all, panel);
      memory.multiply(weights, panel, products, blocks, terms);
      const count = Math.min(8, positions - first);
      for (let o = 0; o < outputs; o++) {
        for (let j = 0, from = products + 8 * o, to = o * positions + first; j < count; j++) {
          output[to + j] = all[from + j] + bias[o];
        }
      }
    }
  };
}

// Eight windows side by side: all[panel + 8 t + j] = term t of the window of position first + j.
function gather(sheet, corners, first, offsets, all, panel) {
  const a = corners[first], b = corners[first + 1], c = corners[first + 2], d = corners[first + 3];
  const e = corners[first + 4], f = corners[first + 5], g = corners[first + 6], h = corners[first + 7];
  for (let t = 0, to = panel; t < offsets.length; t++, to += 8) {
    const from = offsets[t];
    all[to] = sheet[a + from];
    all[to + 1] = sheet[b + from];
    all[to + 2] = sheet[c + from];
    all[to + 3] = sheet[d + from];
    all[to + 4] = sheet[e + from];
    all[to + 5] = sheet[f + from];
    all[to + 6] = sheet[g + from];
    all[to + 7] = sheet[h + from];
  }
}

function conv(stage, tensor, memory) {
  const convolve = convolver(stage.name, stage, stage.in_shape, stage.out_shape, tensor, memory);
  return {
    run(input, output) {
      convolve(input, output);
      activate(stage.act, output);
    },
    inner: null,
  };
}

function residual(stage, tensor, memory) {
  const { in_shape: shape, name } = stage;
  const first = convolver(`${name} first`, stage.first, shape, shape, tensor, memory);
  const second = convolver(name, stage, shape, shape, tensor, memory);
  const inner = new Float32Array(size(shape));
  return {
    run(input, output) {
      first(input, inner);
      activate(stage.first.act, inner);
      second(inner, output);
      for (let i = 0; i < output.length; i++) output[i] += input[i];
      activate(stage.act, output);
    },
    inner,
  };
}

function pool(stage) {
  const { kernel, stride, padding } = stage;
  const [maps, rows, columns] = stage.out_shape;
  const [, height, width] = stage.in_shape;
  return {
    run(input, output) {
      for (let map = 0, to = 0; map < maps; map++) {
        for (let y = 0; y < rows; y++) {
          const [top, bottom] = windowOf(y, kernel, stride, padding, height);
          for (let x = 0; x < columns; x++, to++) {
            const left = Math.max(0, x * stride - padding);
            const right = Math.min(width, x * stride - padding + kernel);
            let most = -Infinity;
            for (let row = top; row < bottom; row++) {
              for (let i = (map * height + row) * width + left, n = right - left; n > 0; n--, i++) {
                if (input[i] > most) most = input[i];
              }
            }
            output[to] = most;
          }
        }
      }
    },
    inner: null,
  };
}

/** The rows (or columns) from .. to that the window of cell `cell` covers, without the padding. */
export function windowOf(cell, kernel, stride, padding, length) {
  const start = cell * stride - padding;
  return [Math.max(0, start), Math.min(length, start + kernel)];
}

function flatten(stage) {
  return {
    run(input, output) {
      output.set(input);
      if (stage.act) activate(stage.act, output);
    },
    inner: null,
  };
}

/** sums[o] = bias[o] + weight[o] . input, four outputs at a time; weight (outputs x inputs), a multiple of 4 or not. */
export function weighed(weight, bias, input, sums) {
  const inputs = input.length, outputs = sums.length;
  let o = 0;
  for (; o + 3 < outputs; o += 4) {
    let a = bias[o], b = bias[o + 1], c = bias[o + 2], d = bias[o + 3];
    for (let i = 0, at = o * inputs; i < inputs; i++, at++) {
      const value = input[i];
      a += weight[at] * value;
      b += weight[at + inputs] * value;
      c += weight[at + 2 * inputs] * value;
      d += weight[at + 3 * inputs] * value;
    }
    sums[o] = a; sums[o + 1] = b; sums[o + 2] = c; sums[o + 3] = d;
  }
  for (; o < outputs; o++) {
    let sum = bias[o];
    for (let i = 0, at = o * inputs; i < inputs; i++, at++) sum += weight[at] * input[i];
    sums[o] = sum;
  }
}

function fc(stage, tensor) {
  const { inputs, outputs } = stage.fc;
  const [weight, bias] = [tensor(stage.fc.weight, inputs * outputs), tensor(stage.fc.bias, outputs)];
  return {
    run(input, output) {
      weighed(weight, bias, input, output);
      if (stage.act) activate(stage.act, output);
    },
    inner: null,
  };
}

const sigmoid = (value) => 1 / (1 + Math.exp(-value));

/**
 * One layer of a GRU over a sequence of rows; every row is {input, before, reset, update, candidate, part, state}: what
 * came in, the state before, the gates, the candidate, what the old state gives to the candidate before the reset gate,
 * and the new state.
 */
export function gruLayer(names, width, sequence, tensor) {
  const [weightIn, weightState] = [tensor(names.weight_ih, 3 * width * sequence[0].length),
    tensor(names.weight_hh, 3 * width * width)];
  const [biasIn, biasState] = [names.bias_ih, names.bias_hh].map((name) => tensor(name, 3 * width));
  let state = new Float32Array(width);
  return sequence.map((input) => {
    const [fromInput, fromState] = [new Float64Array(3 * width), new Float64Array(3 * width)];
    weighed(weightIn, biasIn, input, fromInput);
    weighed(weightState, biasState, state, fromState);
    const gate = (at) => Float64Array.from({ length: width }, (_, u) => sigmoid(fromInput[at + u] + fromState[at + u]));
    const [reset, update, part] = [gate(0), gate(width), fromState.subarray(2 * width)];
    const candidate = reset.map((r, u) => Math.tanh(fromInput[2 * width + u] + r * part[u]));
    const before = state;
    state = Float32Array.from(update, (z, u) => (1 - z) * candidate[u] + z * before[u]);
    return { input, before, fromInput, fromState, reset, update, candidate, part, state };
  });
}

/** All layers of a GRU stage, the rows of each (see gruLayer). */
export function gruLayers(stage, input, tensor) {
  let sequence = [];
  for (let at = 0; at < input.length; at += stage.inputs) sequence.push(input.subarray(at, at + stage.inputs));
  return stage.layers.map((names) => {
    const rows = gruLayer(names, stage.width, sequence, tensor);
    sequence = rows.map((row) => row.state);
    return rows;
  });
}

function gru(stage, tensor) {
  gruLayers(stage, new Float32Array(size(stage.in_shape)), tensor); // finds fault now, not when a letter is drawn
  return {
    run(input, output) {
      output.set(gruLayers(stage, input, tensor).at(-1).at(-1).state);
    },
    inner: null,
  };
}

const TINY = 1.1754943508222875e-38; // the least normal float32

function fold(stage) {
  const { kept, labels, counts } = stage;
  return {
    run(input, output) {
      const highest = Math.max(...kept.map((index) => input[index]));
      const sums = new Float64Array(output.length);
      kept.forEach((index, i) => { sums[labels[i]] += Math.exp(input[index] - highest); });
      for (let o = 0; o < output.length; o++) {
        output[o] = Math.log(Math.max(sums[o] / Math.sqrt(counts[o]), TINY)) + highest;
      }
    },
    inner: null,
  };
}

export const KINDS = { conv, residual, pool, flatten, fc, gru, fold };

/** Probabilities (Float32Array) of logits at a temperature. */
export function softmax(logits, temperature) {
  const highest = Math.max(...logits);
  const powers = Float64Array.from(logits, (logit) => Math.exp((logit - highest) / temperature));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return Float32Array.from(powers, (power) => power / total);
}
