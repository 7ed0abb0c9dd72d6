// The first screen is not empty: an example draws itself stroke by stroke until the visitor begins. Once.

const SPEED = 0.9; // sides of the pad a second
const PAUSE = 0.25; // seconds between two strokes

export class Intro {
  #frame = 0;
  #stopped = false;

  constructor(pad, session) {
    [this.pad, this.session] = [pad, session];
  }

  /** Begin; shown(strokes): what is on the pad at the end. With reduced motion the example is there at once. */
  start(shown) {
    const text = document.querySelector('.chip[data-strokes][data-intro]')?.dataset.strokes
      ?? [...document.querySelectorAll('.chip[data-strokes]')].at(-1)?.dataset.strokes;
    if (!text || this.#stopped) return;
    const strokes = JSON.parse(text);
    const put = (part, live) => {
      this.pad.dispatchEvent(new CustomEvent('pad-show', { detail: { strokes: part, guest: true } }));
      this.session.setStrokes(part, { live });
    };
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) {
      put(strokes, false);
      shown(strokes);
      return;
    }
    let began = null;
    const step = (now) => {
      if (this.#stopped) return;
      if (!this.session.net) { this.#frame = requestAnimationFrame(step); return; } // nothing would live yet
      began ??= now;
      const { part, done } = drawnBy(strokes, (now - began) / 1000);
      put(part, !done);
      if (done) shown(strokes); else this.#frame = requestAnimationFrame(step);
    };
    this.#frame = requestAnimationFrame(step);
  }

  /** The visitor begins, or something else is shown. */
  stop() {
    this.#stopped = true;
    cancelAnimationFrame(this.#frame);
  }
}

// What of the strokes is drawn after so many seconds.
function drawnBy(strokes, seconds) {
  let left = seconds * SPEED;
  const part = [];
  for (const stroke of strokes) {
    if (left <= 0) return { part, done: false };
    const points = [stroke[0]];
    for (let i = 1; i < stroke.length; i++) {
      const [[ax, ay], [bx, by]] = [stroke[i - 1], stroke[i]];
      const length = Math.hypot(bx - ax, by - ay);
      const fraction = length ? Math.min(1, left / length) : 1;
      points.push([ax + (bx - ax) * fraction, ay + (by - ay) * fraction]);
      left -= length;
      if (fraction < 1) { part.push(points); return { part, done: false }; }
    }
    part.push(points);
    left -= PAUSE * SPEED;
  }
  return { part, done: true };
}
