// A network that lives in the page: the part that a page imports. It runs in a worker; every method gives a promise.
//
//   const net = await LiveNetwork.load(descriptionUrl, weightsUrl);
//   const reading = await net.read(strokes);
//   const cell = await net.cell('conv2', 3, 10, 12);
//   await net.edit({ off: { conv1: [0, 5] } });
//
// descriptionUrl gives the JSON of fontdemo/reading/description.py, weightsUrl the same network's model.safetensors.
// A promise that gives null was overtaken by a newer call of the same method: leave it at that, the newer one answers.

export { top, described } from './answer.js';

/** Whether this browser can run a network: where not, the server answers. */
export const canRun = () => typeof Worker === 'function' && typeof MessageChannel === 'function';

const LATEST = 10_000; // ms: what a reading, an edit or a cell never takes; a worker that is silent so long is gone
const QUICK = ['read', 'edit', 'cell'];

export class LiveNetwork {
  /** Called with an Error, once, when the worker ends by itself: out of memory, or ended by the browser. */
  lost = () => {};
  #worker;
  #calls = new Map();
  #next = 1;
  #closed = null;

  /** @private use LiveNetwork.load */
  constructor(worker) {
    this.#worker = worker;
    worker.onmessage = ({ data: { id, value, error } }) => {
      const call = this.#calls.get(id);
      this.#calls.delete(id);
      clearTimeout(call?.watch);
      if (error === undefined) call?.resolve(value); else call?.reject(new Error(error));
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#lose();
    };
  }

  /**
   * Fetch a network and get it ready. Rejects with a sentence for people.
   * @param {object} how {simd: false for plain JavaScript instead of WebAssembly}
   */
  static async load(descriptionUrl, weightsUrl, { simd = true } = {}) {
    const network = new LiveNetwork(new Worker(new URL('worker.js', import.meta.url), { type: 'module' }));
    const urls = [descriptionUrl, weightsUrl].map((url) => new URL(url, document.baseURI).href);
    try {
      const { description, simd: fast } = await network.#ask('load', {
        descriptionUrl: urls[0], weightsUrl: urls[1], simd,
      });
      network.description = description; // what the server says of it; its `stages` are in order
      network.simd = fast;
    } catch (error) {
      network.close();
      throw error;
    }
    return network;
  }

  /**
   * Read a drawing (strokes, [[[x, y], ...], ...] in units of the pad's side) or an image (Float32Array of 100 x 100,
   * ink 1 and paper 0).
   * @param {object} how {pen: another width in pixels of the 100; cropped: the image's size and position say nothing}
   * @returns {Promise<{number: number, blank: boolean, image: Float32Array, stages: Object<string, Float32Array>,
   *   probabilities: Float32Array, answer: object|null, ms: number}|null>} stages: the output of each by its name, of
   *   its `out_shape`; answer: see answer.js, null where there is no ink; number: goes up with each run; ms: of the run
   */
  read(drawing, { pen, cropped = false } = {}) {
    const what = drawing instanceof Float32Array ? { image: drawing } : { strokes: drawing };
    return this.#ask('read', { ...what, pen, cropped });
  }

  /** How one cell's value comes about, on what was read last: see arithmetic.js; `number` is the reading's. */
  cell(stage, map, y = 0, x = 0, part = null) {
    return this.#ask('cell', { stage, map, y, x, part });
  }

  /** Let these edits hold, and no others ({} puts all back): see Engine.edit. Gives the reading; null if none yet. */
  edit(edits) {
    return this.#ask('edit', { edits });
  }

  // These three, of attribution.js, take many runs; a newer read or edit overtakes them. No label: the likeliest class.

  /** A stage's maps, those first that the answer needs most: [{map, drop, probability}]. */
  rank(stage, { label = null } = {}) {
    return this.#ask('rank', { how: { stage, label } });
  }

  /** By how much the class's logit falls where a square of paper covers the drawing: {label, heat (100 x 100)}. */
  occlusion({ label = null, width, step } = {}) {
    return this.#ask('occlusion', { how: { label, width, step } });
  }

  /** Where the last maps speak for the class: {label, stage, rows, columns, heat, weights}. */
  gradCam({ label = null, stage = null } = {}) {
    return this.#ask('gradCam', { how: { label, stage } });
  }

  /** End the worker; calls that wait give null, and later ones are rejected. */
  close() {
    this.#end(new Error('The network was closed.'));
  }

  #ask(type, request) {
    if (this.#closed) return Promise.reject(this.#closed);
    const id = this.#next++;
    this.#worker.postMessage({ id, type, ...request });
    return new Promise((resolve, reject) => {
      const watch = QUICK.includes(type) ? setTimeout(() => this.#lose(), LATEST) : 0;
      this.#calls.set(id, { resolve, watch, reject, loads: type === 'load' });
    });
  }

  #lose() {
    if (this.#closed) return;
    const error = new Error("The network can't run in this browser.");
    this.#end(error);
    this.lost(error);
  }

  // Nobody needs an answer any more, but who waits for the network itself has to know.
  #end(error) {
    this.#closed ??= error;
    this.#worker.terminate();
    for (const { resolve, reject, watch, loads } of this.#calls.values()) {
      clearTimeout(watch);
      if (loads) reject(this.#closed); else resolve(null);
    }
    this.#calls.clear();
  }
}
