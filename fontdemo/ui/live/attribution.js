// Why this answer: which maps it needs, which part of the drawing, and where the last maps speak for a class.
// Each takes many runs of the network, so each is a generator that yields between them: a worker can do something else
// meanwhile. `label`: the class asked about, or null for the likeliest one.

import { softmax } from './stages.js';

// What every one of them starts from: the class, its logit, and outputs of its own to run in.
function start(engine, label) {
  const logits = Float32Array.from(engine.outputs.at(-1));
  const likeliest = logits.reduce((best, logit, other) => (logit > logits[best] ? other : best), 0);
  const scratch = engine.outputs.map((values) => new Float32Array(values.length));
  const of = engine.within(label ?? likeliest, logits.length);
  return { of, logit: logits[of], scratch };
}

/**
 * Which maps of a stage matter: each is set to 0 in turn. Returns [{map, drop, probability}], the largest drop of the
 * class's logit first, with the probability that was left.
 */
export function* rank(engine, { stage, label = null }) {
  const index = engine.index(stage);
  const { of, logit, scratch } = start(engine, label);
  const found = [];
  for (let map = 0; map < engine.specs[index].out_shape[0]; map++) {
    scratch[index].set(engine.outputs[index]);
    engine.silence(index, map, scratch[index]);
    engine.runFrom(index + 1, scratch[index], scratch);
    const probability = softmax(scratch.at(-1), engine.description.temperature)[of];
    found.push({ map, drop: logit - scratch.at(-1)[of], probability });
    yield;
  }
  return found.sort((one, other) => other.drop - one.drop);
}

/**
 * Which part of the drawing matters (Zeiler, Fergus 2014): a square of paper is laid on every position in turn, `width`
 * pixels wide, `step` apart. Returns {label, heat}: Float32Array (side x side), by how much the class's logit falls on
 * average when a square lies on the pixel; below 0 where it rises.
 */
export function* occlusion(engine, { label = null, width = 20, step = 10 }) {
  if (!(step >= 1 && width >= step)) throw new Error('The squares must cover the drawing.');
  const { of, logit, scratch } = start(engine, label);
  const { side } = engine.description;
  const [sums, counts] = [new Float32Array(side * side), new Float32Array(side * side)];
  for (let top = step - width; top < side; top += step) {
    for (let left = step - width; left < side; left += step) {
      const image = Float32Array.from(engine.image);
      const covered = [];
      for (let row = Math.max(0, top); row < Math.min(side, top + width); row++) {
        for (let column = Math.max(0, left); column < Math.min(side, left + width); column++) {
          covered.push(row * side + column);
        }
      }
      const inked = covered.some((pixel) => image[pixel] > 0); // paper laid on paper changes nothing
      for (const pixel of covered) image[pixel] = 0;
      if (inked) engine.runFrom(0, image, scratch);
      for (const pixel of covered) {
        sums[pixel] += inked ? logit - scratch.at(-1)[of] : 0;
        counts[pixel]++;
      }
      if (inked) yield;
    }
  }
  return { label: of, heat: sums.map((sum, pixel) => sum / counts[pixel]) };
}

/**
 * Where the maps of a stage speak for the class (Grad-CAM, Selvaraju et al. 2017). stage: the last one whose maps have
 * more than one cell, if left out. Returns {label, stage, rows, columns, heat, weights}: heat Float32Array (rows x
 * columns), at least 0; weights: of each map, the mean of its cells' gradients, measured by adding a little to the map.
 */
export function* gradCam(engine, { stage = null, label = null }) {
  const { of, scratch } = start(engine, label);
  const lastMaps = engine.specs.findLastIndex((spec) => (spec.out_shape[1] ?? 1) > 1);
  const index = stage === null ? lastMaps : engine.index(stage);
  const [maps, rows = 1, columns = 1] = engine.specs[index].out_shape;
  const cells = rows * columns;
  const values = engine.outputs[index];
  const little = 0.01 * values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 0.01;
  const weights = new Float32Array(maps), heat = new Float32Array(cells);
  for (let map = 0; map < maps; map++) {
    const [above, below] = [little, -little].map((change) => {
      scratch[index].set(values);
      for (let i = map * cells; i < (map + 1) * cells; i++) scratch[index][i] += change;
      engine.runFrom(index + 1, scratch[index], scratch);
      return scratch.at(-1)[of];
    });
    weights[map] = (above - below) / (2 * little * cells);
    for (let i = 0; i < cells; i++) heat[i] += weights[map] * values[map * cells + i];
    yield;
  }
  return { label: of, stage: engine.specs[index].name, rows, columns, weights, heat: heat.map((v) => Math.max(0, v)) };
}
