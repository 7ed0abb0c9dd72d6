// A network that runs here: an image in, every stage's output kept; maps switched off, kernels and biases changed;
// one cell's sum written out. No page and no worker: worker.js runs it, and so could anything else.

import { answer, resolvedCase } from './answer.js';
import { cellOf, softmaxOf } from './arithmetic.js';
import { Memory } from './matmul.js';
import { sideBySide } from './side_by_side.js';
import { KINDS, size, softmax } from './stages.js';

const FORMAT = 1; // of the descriptions that this script understands

export class Engine {
  #tensors;
  #changed = new Map(); // tensors that an edit replaces, by name
  #memory;
  #stray = false; // whether the stages ran on something else last: then what they keep inside is of that

  /** @param {object} description the server's; tensors: of parseSafetensors; simd: false for plain JavaScript */
  constructor(description, tensors, { simd = true } = {}) {
    if (description.format !== FORMAT) throw new Error('The page is older than the network. Reload the page.');
    this.description = description;
    this.#tensors = tensors;
    this.#memory = new Memory(simd);
    this.specs = description.stages;
    this.stages = this.specs.map((spec) => this.#prepared(spec));
    this.outputs = this.specs.map((spec) => new Float32Array(size(spec.out_shape)));
    this.off = this.specs.map(() => []);
    this.layers = this.specs.map(() => '[]'); // what was changed in each stage's layers
    this.image = null;
    this.cropped = false;
    this.number = 0; // of the reading; every run is a new one
  }

  get simd() {
    return this.#memory.simd;
  }

  #prepared(spec) {
    if (!KINDS[spec.kind]) throw new Error(`This page can't run a stage of the kind "${spec.kind}". Reload the page.`);
    return KINDS[spec.kind](spec, this.tensor, this.#memory);
  }

  /** A tensor by its name, as edits left it; `length`: the numbers that it must have, where that matters. */
  tensor = (name, length = null) => {
    const found = this.#changed.get(name) ?? this.#tensors.get(name)?.data;
    if (!found || found.length !== (length ?? found.length)) {
      throw new Error(`These weights are of another network: ${name} does not fit. Reload the page.`);
    }
    return found;
  };

  /** Run on `image`, Float32Array (side x side), ink 1 and paper 0. cropped: see answer.js. */
  run(image, { cropped = false } = {}) {
    if (image?.length !== this.description.side ** 2) throw new Error('An image of another size.');
    this.image = Float32Array.from(image);
    this.cropped = cropped;
    this.number++;
    this.#from(0);
  }

  #from(first) {
    const start = this.#stray ? 0 : first;
    this.runFrom(start, this.#input(start), this.outputs);
    this.#stray = false;
  }

  /** Run the stages from number `first` on with `input`, into `outputs` (an array a stage, as `this.outputs`). */
  runFrom(first, input, outputs) {
    this.#stray = true;
    for (let i = first; i < this.stages.length; i++) {
      this.stages[i].run(i === first ? input : outputs[i - 1], outputs[i]);
      for (const map of this.off[i]) this.silence(i, map, outputs[i]);
    }
  }

  /** Set map `map` of stage `index` to 0 in `output`. */
  silence(index, map, output) {
    const each = output.length / this.specs[index].out_shape[0];
    output.fill(0, map * each, (map + 1) * each);
  }

  #input(index) {
    return index ? this.outputs[index - 1] : this.image;
  }

  /** The number of the stage `name`; an error in words if there is none. */
  index(name) {
    const index = this.specs.findIndex((spec) => spec.name === name);
    if (index < 0) throw new Error(`This network has no stage "${name}".`);
    return index;
  }

  /** What the last run came to: {number, blank, probabilities, answer}; no answer where there was no ink. */
  reading() {
    const probabilities = softmax(this.outputs.at(-1), this.description.temperature);
    const blank = this.image.every((ink) => ink === 0);
    const resolved = this.cropped ? {} : resolvedCase(this.description, this.outputs.at(-2));
    const how = () => ({
      cropped: this.cropped, resolved,
      sideBySide: sideBySide(this.image, this.description.side, this.description.side_by_side),
    });
    const found = blank ? null : answer(this.description, probabilities, how());
    return { number: this.number, blank, probabilities, answer: found };
  }

  /** Copies of the image and of all outputs, by name, in one buffer that can be handed over whole. */
  copies() {
    const named = [['image', this.image], ...this.specs.map((spec, i) => [spec.name, this.outputs[i]])];
    const all = new Float32Array(named.reduce((sum, [, values]) => sum + values.length, 0));
    const copies = {};
    let at = 0;
    for (const [name, values] of named) {
      all.set(values, at);
      copies[name] = all.subarray(at, (at += values.length));
    }
    const { image, ...stages } = copies;
    return { image, stages, buffer: all.buffer };
  }

  /**
   * Let these edits hold, and no others; {} puts everything back. Runs again from the first stage that they change.
   *   off      {stage: [map, ...]}                       maps (or values) set to 0 behind their stage
   *   kernels  [{stage, layer, map, input, values}]      the kernel x kernel weights from map `input` to map `map`,
   *            or, in place of values, weights: [[number, weight], ...] for some of them
   *   biases   [{stage, layer, map, scale}]              the layer's own bias times `scale`
   * layer: 'conv' (where it is left out), 'first.conv' of a residual stage, 'fc' (a kernel of one weight), and for
   * biases also 'norm' and 'first.norm'.
   */
  edit({ off = {}, kernels = [], biases = [] } = {}) {
    // All is checked before anything changes.
    for (const name of [...Object.keys(off), ...[...kernels, ...biases].map((one) => one.stage)]) this.index(name);
    const silent = this.specs.map(({ name, out_shape: [count] }) =>
      (off[name] ?? []).map((map) => this.within(map, count)));
    const changed = new Map();
    for (const { stage, layer, map, input, values, weights } of kernels) {
      const { weight, inputs, outputs } = this.#layer(stage, layer);
      const copy = this.#copy(changed, weight);
      const each = copy.length / (outputs * inputs);
      const pairs = [...(weights ?? values.entries())];
      if ((!weights && values.length !== each) || !pairs.every(([, weight]) => Number.isFinite(weight))) {
        throw new Error(`A kernel of ${each} numbers is needed.`);
      }
      const start = (this.within(map, outputs) * inputs + this.within(input, inputs)) * each;
      for (const [number, weight] of pairs) copy[start + this.within(number, each)] = weight;
    }
    for (const { stage, layer, map, scale } of biases) {
      const copy = this.#copy(changed, this.#layer(stage, layer).bias ?? this.#layer(stage, layer).shift);
      if (!Number.isFinite(scale)) throw new Error('A bias is scaled by a number.');
      copy[this.within(map, copy.length)] *= scale;
    }
    this.#changed = changed;
    let first = this.specs.length;
    this.specs.forEach((spec, i) => {
      const mine = [...kernels, ...biases].filter((one) => one.stage === spec.name);
      const layers = JSON.stringify(mine.map((one) => ({ ...one, values: one.values && [...one.values] })));
      if (layers === this.layers[i] && `${silent[i]}` === `${this.off[i]}`) return;
      first = Math.min(first, i);
      if (layers !== this.layers[i]) this.stages[i] = this.#prepared(spec);
      this.layers[i] = layers;
      this.off[i] = silent[i];
    });
    if (!this.image) return;
    this.number++;
    this.#from(first);
  }

  /** `index`, if it is one of `count`; else an error in words. */
  within(index, count) {
    if (Number.isInteger(index) && index >= 0 && index < count) return index;
    throw new Error(`There is no number ${index} of ${count}.`);
  }

  #layer(stage, layer) {
    const spec = this.specs[this.index(stage)];
    const found = (layer ?? (spec.fc ? 'fc' : 'conv')).split('.').reduce((part, name) => part?.[name], spec);
    if (!found) throw new Error(`${stage} has no layer "${layer}".`);
    return found;
  }

  #copy(changed, name) {
    if (!changed.has(name)) changed.set(name, Float32Array.from(this.#tensors.get(name).data));
    return changed.get(name);
  }

  /** How the value of one cell comes about; see arithmetic.js. stage 'softmax': of class `map`. */
  cell(stage, map, y = 0, x = 0, part = null) {
    if (!this.image) throw new Error('Nothing has been read yet.');
    const logits = this.outputs.at(-1);
    if (stage === 'softmax') return softmaxOf(this.description, logits, this.within(map, logits.length));
    const index = this.index(stage);
    const spec = this.specs[index];
    const [, height = 1, width = 1] = spec.out_shape;
    [[map, spec.out_shape[0]], [y, height], [x, width]].forEach(([at, count]) => this.within(at, count));
    if (this.#stray) this.#from(0);
    return cellOf({
      specs: this.specs, index, side: this.description.side, tensor: this.tensor, input: this.#input(index),
      original: (name) => this.#changed.has(name) && this.#tensors.get(name).data,
      inner: this.stages[index].inner, output: this.outputs[index], off: this.off[index].includes(map),
      map, y, x, part,
    });
  }
}
