// What the Read page's scripts share: the network that runs here, what it read last, and what the visitor chose.
// No page in it: whoever shows something listens, whoever changes something calls.
//
//   session.net          LiveNetwork, or null while none is loaded (../live/network.js says what it gives)
//   session.name         the chosen network's name; session.addresses: where its description and its weights are
//   session.reading      what it read last (stages, probabilities, answer, ...), or null
//   session.strokes      the drawing, [[[x, y], ...], ...]; session.image: the picture instead (Float32Array), or null
//   session.selection    {stage, map, y, x, off}: what was clicked. stage: a stage's name, 'input' or 'softmax'; map,
//                        y, x: null where none is chosen; off: {stage: [map, ...]}, the same as session.edits.off
//   session.pointed      {stage, map, y, x} under the mouse, or null; session.cell is that, else the selection
//   session.edits        what Engine.edit takes: {off, kernels, biases}
//
// Events: network (loaded, or null again), reading, selection (clicked), cell (clicked or pointed at), edits, drawing
// ({live}: the pen is down), variant, among, failed (an Error: the network can't run here),
// unfit (the edits to begin with are not of this network).

import { LiveNetwork, canRun } from '../live/network.js';
import { greatest } from './colours.js';
import { VARIANTS } from './variants.js';

const AGAIN = 60_000; // ms
const NOTHING = { stage: null, map: null, y: null, x: null };

export class Session {
  net = null;
  name = '';
  addresses = [];
  loading = false; // whether the network of these addresses is on its way
  reading = null;
  strokes = [];
  image = null;
  cropped = false;
  among = 'anything'; // what the visitor says that it is: a name of among.js
  variant = null; // a name of variants.js: what is read is changed before
  selection = { ...NOTHING, off: {} };
  pointed = null;
  edits = { off: {}, kernels: [], biases: [] };
  #listeners = new Map();
  #leading = new Map(); // by stage
  #opened = 0;
  #reopened = -Infinity; // when the last worker that was lost was replaced

  /** Listen to an event; gives a function that ends it. */
  on(name, listener) {
    if (!this.#listeners.has(name)) this.#listeners.set(name, new Set());
    this.#listeners.get(name).add(listener);
    return () => this.#listeners.get(name).delete(listener);
  }

  #emit(name, what) {
    for (const listener of this.#listeners.get(name) ?? []) listener(what, this);
  }

  /** The cell that is looked at: the one under the mouse, else the one that was clicked; its y and x may be null. */
  get cell() {
    return this.pointed ?? this.selection;
  }

  /** What a stage put out in the last reading: {values, shape}; of 'input' and 'softmax' too. Null where unknown. */
  output(stage) {
    if (!this.reading || !this.net) return null;
    const { side, stages, alphabet } = this.net.description;
    if (stage === 'input') return { values: this.reading.image, shape: [1, side, side] };
    if (stage === 'softmax') return { values: this.reading.probabilities, shape: [alphabet.classes.length] };
    const spec = stages.find(({ name }) => name === stage);
    return spec ? { values: this.reading.stages[stage], shape: spec.out_shape } : null;
  }

  /** The strongest map of a stage, by its greatest magnitude: as of the last `rank`, so that it keeps still meanwhile. */
  leading(stage) {
    if (!this.#leading.has(stage)) {
      const { values, shape: [count] } = this.output(stage);
      const each = values.length / count;
      const most = Array.from({ length: count }, (_, map) => greatest(values, map * each, each));
      this.#leading.set(stage, most.indexOf(Math.max(...most)));
    }
    return this.#leading.get(stage);
  }

  /** From now on the strongest maps are those of what was read last. */
  rank() {
    this.#leading.clear();
  }

  /** Load the network of these addresses and read what is there with it. edits: that hold from the start. */
  async open(name, descriptionUrl, weightsUrl, edits = {}) {
    const turn = ++this.#opened;
    this.net?.close();
    this.addresses = [descriptionUrl, weightsUrl];
    [this.net, this.reading, this.name, this.pointed, this.loading] = [null, null, name, null, true];
    this.rank();
    this.#emit('network', null);
    try {
      if (!canRun()) throw new Error("This browser can't run the network.");
      const net = await LiveNetwork.load(descriptionUrl, weightsUrl);
      if (turn !== this.#opened) { net.close(); return; } // another one was chosen meanwhile
      [this.net, this.loading] = [net, false];
      net.lost = (error) => this.#lost(net, error);
    } catch (error) {
      if (turn !== this.#opened) return;
      this.loading = false;
      this.#emit('failed', error);
      return;
    }
    if (!this.#fits(this.selection)) this.selection = { ...NOTHING, off: {} };
    this.#emit('network', this.net);
    const fit = await this.setEdits(edits).then(() => true, () => false); // those of an address may be of another network
    if (!fit && turn === this.#opened) {
      this.#emit('unfit');
      await this.setEdits({});
    }
    await this.#read();
  }

  // A worker that ended by itself is started again, with all that was changed; not over and over.
  #lost(net, error) {
    if (net !== this.net) return;
    if (performance.now() - this.#reopened > AGAIN) {
      this.#reopened = performance.now();
      this.open(this.name, ...this.addresses, this.edits);
      return;
    }
    [this.net, this.reading] = [null, null];
    this.addresses = []; // so that the visitor can choose it again
    this.#emit('network', null);
    this.#emit('failed', error);
  }

  // Whether the network has such a stage, map and cell; null is none.
  #fits({ stage, map, y, x }) {
    const { side, stages, alphabet } = this.net.description;
    const shapes = { input: [1, side, side], softmax: [alphabet.classes.length] };
    const shape = Object.hasOwn(shapes, stage) ? shapes[stage] : stages.find(({ name }) => name === stage)?.out_shape;
    const within = (at, count = 1) => at === null || (Number.isInteger(at) && at >= 0 && at < count);
    return Boolean(shape) && within(map, shape[0]) && within(y, shape[1]) && within(x, shape[2]);
  }

  /** Choose a stage, a map or a cell: what is left out stays, but a new stage has no map and a new map no cell. */
  select(chosen) {
    const old = this.selection;
    const next = { ...old, ...chosen };
    if (next.stage !== old.stage && chosen.map === undefined) next.map = null;
    if ((next.stage !== old.stage || next.map !== old.map) && chosen.y === undefined) [next.y, next.x] = [null, null];
    next.off = this.edits.off;
    this.selection = next;
    this.#emit('selection', next);
    this.#emit('cell', this.cell);
  }

  /** What the mouse points at: {stage, map, y, x}, or null for nothing. */
  point(pointed) {
    const same = (one, other) => one?.stage === other?.stage && one?.map === other?.map && one?.y === other?.y && one?.x === other?.x;
    if (same(pointed, this.pointed)) return;
    this.pointed = pointed;
    this.#emit('cell', this.cell);
  }

  /** Let these edits hold, and no others ({} puts everything back). What is left out is as in the network's file. */
  async setEdits({ off = {}, kernels = [], biases = [] } = {}) {
    const kept = Object.entries(off).filter(([, maps]) => maps.length);
    this.edits = { off: Object.fromEntries(kept), kernels, biases };
    this.selection = { ...this.selection, off: this.edits.off };
    this.#emit('edits', this.edits);
    const { net } = this;
    if (net) this.#took(net, await net.edit(this.edits));
  }

  /** Read a drawing. live: the pen is still down. */
  setStrokes(strokes, { live = false } = {}) {
    [this.strokes, this.image, this.cropped] = [strokes, null, false];
    this.#emit('drawing', { live });
    return this.#read();
  }

  /** Read an image (Float32Array of side x side, ink 1) instead of a drawing; see LiveNetwork.read of `cropped`. */
  setImage(image, { cropped = false } = {}) {
    [this.strokes, this.image, this.cropped] = [[], image, cropped];
    this.#emit('drawing', { live: false });
    return this.#read();
  }

  /** Take the answer among these: a name of among.js. */
  setAmong(among) {
    this.among = among;
    this.#emit('among', among);
    if (this.reading) this.#emit('reading', this.reading);
  }

  /** Read again, changed as VARIANTS[name] does it; null: as it is. */
  setVariant(name) {
    this.variant = name;
    this.#emit('variant', name);
    return this.#read();
  }

  async #read() {
    const { net, image, strokes, cropped } = this;
    if (!net) return;
    const change = VARIANTS[this.variant] ?? {};
    const { side, pen } = net.description;
    if (image) {
      this.#took(net, await net.read(change.image ? change.image(image, side) : image, { cropped }));
    } else if (change.image && !change.strokes && !change.pen) {
      const plain = await net.read(strokes);
      if (plain && net === this.net) this.#took(net, await net.read(change.image(plain.image, side)));
    } else {
      const how = change.pen ? { pen: change.pen(pen) } : {};
      this.#took(net, await net.read(change.strokes ? change.strokes(strokes) : strokes, how));
    }
  }

  #took(net, reading) {
    if (!reading || net !== this.net) return; // overtaken, or of the network before
    this.reading = reading;
    this.#emit('reading', reading);
  }
}

export const session = new Session();
