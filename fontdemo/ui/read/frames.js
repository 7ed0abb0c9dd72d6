// What is shown of a reading, piece by piece: a frame takes as many pieces as it has time for, so that on a slow machine
// the pen goes on while the maps follow. A piece out of sight waits until the pen rests, or until it is seen. No page
// in it but the clock and who is in sight.

const ROOM = 5; // ms of a frame for pieces
const LATEST = 200; // ms: a round through all pieces is over by then, however slow

export class Frames {
  #pieces = []; // {paint, element, seen, stale}
  #waiting = false;
  #began = 0; // when this round through the pieces began
  #next = 0; // the piece that comes next, so that each has its turn
  #watch = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      for (const piece of this.#pieces) if (piece.element === target) piece.seen = isIntersecting;
    }
    this.#wait();
  });

  /** @param {function} done () => void: all that is in sight shows what was asked for last */
  constructor(done) {
    this.done = done;
    this.moving = false; // whether the pen is down: then only what is in sight is shown
  }

  /** Let these be the pieces: [{paint: () => void, element: where it is seen, null for "always"}]. */
  set(pieces) {
    this.#watch.disconnect();
    this.#next = 0; // there may be fewer than before
    this.#pieces = pieces.map((piece) => ({ ...piece, seen: true, stale: true }));
    for (const element of new Set(pieces.map((one) => one.element).filter(Boolean))) this.#watch.observe(element);
  }

  /** Show anew all that there is to show. */
  ask() {
    if (!this.#due().length) this.#began = performance.now();
    for (const piece of this.#pieces) piece.stale = true;
    this.#wait();
  }

  #due() {
    return this.#pieces.filter((piece) => piece.stale && (piece.seen || !this.moving));
  }

  #wait() {
    if (this.#waiting || !this.#due().length) return;
    this.#waiting = true;
    requestAnimationFrame(() => this.#frame());
  }

  #frame() {
    this.#waiting = false;
    const began = performance.now();
    const whole = !this.moving || began - this.#began > LATEST;
    for (let turn = 0; turn < this.#pieces.length && (whole || performance.now() - began < ROOM); turn++) {
      const piece = this.#pieces[this.#next];
      this.#next = (this.#next + 1) % this.#pieces.length;
      if (this.#next === 0) this.#began = began;
      if (!piece.stale || (this.moving && !piece.seen)) continue;
      piece.stale = false;
      piece.paint();
    }
    if (this.#due().length) this.#wait(); else this.done();
  }
}
