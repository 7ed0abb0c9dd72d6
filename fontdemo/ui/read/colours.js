// The colours of maps: the scale that the style sheet has from fontdemo/ui/images.py, as tables of pixels.

const ZERO = 127; // as in images.py: 0 is -limit, 127 is zero, 254 is +limit

const pixel = (red, green, blue) => (255 << 24 | Math.round(blue) << 16 | Math.round(green) << 8 | Math.round(red)) >>> 0;

let found = null;

/** Uint32Array(255): the pixels of the scale from -limit over zero to +limit. */
export function scale() {
  if (found) return found;
  const text = getComputedStyle(document.documentElement).getPropertyValue('--scale-both');
  const anchors = text.match(/#[0-9a-f]{6}/gi).map((hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)));
  found = new Uint32Array(2 * ZERO + 1);
  for (let i = 0; i < found.length; i++) {
    const position = i / (found.length - 1) * (anchors.length - 1);
    const low = Math.min(anchors.length - 2, Math.floor(position));
    const mixed = anchors[low].map((v, c) => v + (anchors[low + 1][c] - v) * (position - low));
    found[i] = pixel(...mixed);
  }
  return found;
}

const ink = Uint32Array.from({ length: 256 }, (_, i) => pixel(255 - i, 255 - i, 255 - i));

/** Write `count` values from `from` on as pixels to `pixels` from `to` on. limit: the end of the scale; null: ink. */
export function colour(values, from, pixels, to, count, limit) {
  if (limit === null) {
    for (let i = 0; i < count; i++) pixels[to + i] = ink[Math.max(0, Math.min(255, Math.round(values[from + i] * 255)))];
    return;
  }
  const table = scale();
  const factor = limit > 0 ? ZERO / limit : 0;
  for (let i = 0; i < count; i++) {
    pixels[to + i] = table[Math.max(0, Math.min(2 * ZERO, Math.round(values[from + i] * factor + ZERO)))];
  }
}

/** The greatest magnitude of `count` values from `from` on. */
export function greatest(values, from = 0, count = values.length) {
  let most = 0;
  for (let i = from; i < from + count; i++) most = Math.max(most, Math.abs(values[i]));
  return most;
}

const known = new WeakMap(); // a stage's values -> the greatest of them: strip, grid and large map ask for the same

function greatestOf(values) {
  if (!known.has(values)) known.set(values, greatest(values));
  return known.get(values);
}

/**
 * The end of the scale for each map of a stage, (map) => number.
 * @param {string} shared 'map', 'stage', or 'all': over all stages (`session` knows them)
 */
export function limits(session, stage, shared) {
  const { values, shape } = session.output(stage);
  if (stage === 'input') return () => null;
  if (stage === 'softmax') return () => 1;
  const each = values.length / shape[0];
  if (shared === 'map' && each > 1) return (map) => greatest(values, map * each, each);
  const whole = shared === 'all'
    ? Math.max(...session.net.description.stages.map(({ name }) => greatestOf(session.reading.stages[name])))
    : greatestOf(values);
  return () => whole;
}
