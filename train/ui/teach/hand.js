// The drawings that a visitor has given a name to, and the networks that learned them. No page in it: who shows them
// listens. Nothing here leaves the browser; teach.js sends the drawings when the visitor presses Learn.

export const MOST = 200; // as train/teach/lesson.py

export class Hand {
  drawings = []; // {label, strokes, read}: what it is, and the class that it was read as
  networks = new Map(); // by the network that each goes on from: {bytes: ArrayBuffer}
  result = null; // of the last lesson: see the server's `message`, with `of`: the drawings it learned
  #listeners = new Set();

  on(listener) {
    this.#listeners.add(listener);
  }

  changed() {
    for (const listener of this.#listeners) listener();
  }

  /** Keep a drawing as `label`; one that is there already only gets another name. False if there are too many. */
  add(label, strokes, read) {
    const known = this.drawings.find((one) => one.strokes === strokes);
    if (!known && this.drawings.length >= MOST) return false;
    if (known) known.label = label;
    else this.drawings = [...this.drawings, { label, strokes, read }];
    this.changed();
    return true;
  }

  remove(drawing) {
    this.drawings = this.drawings.filter((one) => one !== drawing);
    this.changed();
  }

  clear() {
    [this.drawings, this.networks, this.result] = [[], new Map(), null];
    this.changed();
  }

  /** The characters there are drawings of, each once. */
  get labels() {
    return [...new Set(this.drawings.map(({ label }) => label))];
  }

  /** "5 drawings of 3 characters" */
  get sentence() {
    const { length } = this.drawings;
    if (!length) return 'No drawings yet. Type a few letters, press Begin, draw each one, then press Learn.';
    const kinds = this.labels.length;
    return `${length} ${length === 1 ? 'drawing' : 'drawings'} of ${kinds} ${kinds === 1 ? 'character' : 'characters'}`;
  }

  /** As the server takes it: the same numbers as the pad's. */
  toSend() {
    return JSON.stringify(this.drawings.map(({ label, strokes }) => ({ label, strokes })));
  }
}
