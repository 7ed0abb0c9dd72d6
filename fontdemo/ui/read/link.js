// The state of the page as the part of its address behind "#", and back. No page in it.
//
//   n network   t tab   s stage   m map   c row.column   u step of the tour   v what if it were   a what it is
//   o switched-off maps   k changed weights   b scaled biases   d the drawing   ok the end
//
// A link that lost its end opens what is left of it. Nothing in it is trusted: what does not fit is left out.

const LONGEST = 1500; // characters; a drawing that would take more loses its smallest corners
const CHANGES = 700; // characters for what was changed in the network, so that the drawing keeps its part
const GRID = 400; // a drawing's points lie on a grid of this many steps along the pad's side
const [LOW, HIGH] = [-1, 2]; // how far out of the pad a line may go
const MOST = 10_000; // points

/** Strokes [[[x, y], ...], ...] as text, at most about `longest` characters; '' for none. */
export function encodeStrokes(strokes, longest = LONGEST - 300) {
  if (!strokes.length) return '';
  for (let off = 0.001; ; off *= 1.6) {
    const text = packed(strokes.map((stroke) => thinned(stroke, off)));
    if (text.length <= longest || off > 0.5) return text.slice(0, LONGEST);
  }
}

function packed(strokes) {
  const bytes = [];
  const write = (value) => {
    let rest = value;
    for (; rest > 127; rest >>>= 7) bytes.push(rest & 127 | 128);
    bytes.push(rest);
  };
  const signed = (value) => write(value < 0 ? -2 * value - 1 : 2 * value);
  const grid = ([x, y]) => [x, y].map((v) => Math.round(Math.min(HIGH, Math.max(LOW, v)) * GRID));
  let last = [0, 0];
  for (const stroke of strokes) {
    write(stroke.length);
    for (const point of stroke.map(grid)) {
      signed(point[0] - last[0]);
      signed(point[1] - last[1]);
      last = point;
    }
  }
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** The strokes of a text that encodeStrokes made; of one that was cut, those there are. {strokes, whole} */
export function decodeStrokes(text) {
  let bytes;
  try {
    const clean = text.replace(/[^\w-]/g, '').replaceAll('-', '+').replaceAll('_', '/');
    bytes = Uint8Array.from(atob(clean.length % 4 === 1 ? clean.slice(0, -1) : clean), (char) => char.charCodeAt(0));
  } catch {
    return { strokes: [], whole: false };
  }
  let at = 0;
  let cut = false;
  const read = () => {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      if (at >= bytes.length) { cut = true; return 0; }
      value |= (bytes[at] & 127) << shift;
      if (!(bytes[at++] & 128)) return value;
    }
    cut = true;
    return 0;
  };
  const signed = () => { const value = read(); return value & 1 ? -(value + 1) / 2 : value / 2; };
  const strokes = [];
  let [x, y] = [0, 0];
  for (let points = 0; at < bytes.length && !cut;) {
    const count = read();
    const stroke = [];
    for (let i = 0; i < count && !cut && points < MOST; i++, points++) {
      const [right, down] = [signed(), signed()];
      if (cut) break;
      [x, y] = [x + right, y + down];
      const inside = (v) => Math.min(HIGH, Math.max(LOW, v / GRID));
      stroke.push([inside(x), inside(y)]);
    }
    if (stroke.length) strokes.push(stroke);
    if (points >= MOST) cut = true;
  }
  return { strokes, whole: !cut };
}

/** Ramer-Douglas-Peucker: the points that stand out by more than `off` from the line that remains. */
export function thinned(points, off, from = 0, to = points.length - 1) {
  if (to - from < 2) return points.slice(from, to + 1);
  const [[ax, ay], [bx, by]] = [points[from], points[to]];
  const length = Math.hypot(bx - ax, by - ay);
  let [worst, at] = [0, from];
  for (let i = from + 1; i < to; i++) {
    const [x, y] = points[i];
    const far = length ? Math.abs((bx - ax) * (ay - y) - (ax - x) * (by - ay)) / length : Math.hypot(x - ax, y - ay);
    if (far > worst) [worst, at] = [far, i];
  }
  if (worst < off) return [points[from], points[to]];
  return thinned(points, off, from, at).concat(thinned(points, off, at, to).slice(1));
}

/**
 * What was changed in a network as parts of an address, {o, k, b}, as much of it as fits; left: how many changes did not.
 *   o  stage.map.map...   k  stage*layer*map*input*number*weight...   b  stage*layer*map*scale; with _ between them
 */
export function encodeEdits({ off = {}, kernels = [], biases = [] } = {}, longest = CHANGES) {
  const figures = (value) => Number(value.toPrecision(4));
  const entries = [
    ...Object.entries(off).flatMap(([stage, maps]) => maps.map((map) => ['o', `${stage}.${map}`])),
    ...kernels.map(({ stage, layer = '', map, input, weights }) =>
      ['k', [stage, layer, map, input, ...weights.flatMap(([number, weight]) => [number, figures(weight)])].join('*')]),
    ...biases.map(({ stage, layer = '', map, scale }) => ['b', [stage, layer, map, figures(scale)].join('*')]),
  ];
  const parts = { o: [], k: [], b: [] };
  let [length, left] = [0, 0];
  for (const [kind, text] of entries) {
    if (length + text.length + 1 > longest) { left++; continue; }
    length += text.length + 1;
    parts[kind].push(text);
  }
  const texts = Object.entries(parts).filter(([, some]) => some.length).map(([kind, some]) => [kind, some.join('_')]);
  return { ...Object.fromEntries(texts), left };
}

function decodeEdits(parts) {
  const split = (kind, by) => (parts.get(kind) ?? '').split('_').filter(Boolean).map((text) => text.split(by));
  const numbers = (texts) => texts.length > 0 && texts.every((text) => text !== '' && Number.isFinite(Number(text)));
  const off = Object.create(null); // a stage may be called anything, __proto__ too
  for (const [stage, ...maps] of split('o', '.')) if (maps.length && maps.every((map) => whole(map) !== null)) (off[stage] ??= []).push(...maps.map(Number));
  const named = (stage, layer, map) => ({ stage, ...(layer && { layer }), map: Number(map) });
  const kernels = split('k', '*').filter(([, , ...rest]) => rest.length > 3 && rest.length % 2 === 0 && numbers(rest))
    .map(([stage, layer, map, input, ...rest]) => ({
      ...named(stage, layer, map), input: Number(input),
      weights: rest.flatMap((text, at) => (at % 2 ? [] : [[Number(text), Number(rest[at + 1])]])),
    }));
  const biases = split('b', '*').filter(([, , ...rest]) => rest.length === 2 && numbers(rest))
    .map(([stage, layer, map, scale]) => ({ ...named(stage, layer, map), scale: Number(scale) }));
  return { off, kernels, biases };
}

const whole = (value) => (/^\d{1,5}$/.test(value ?? '') ? Number(value) : null);

/** The part behind "#" of a state {network, tab, stage, map, y, x, edits, strokes, tour, variant, among}. */
export function encode({ network, tab, stage, map, y, x, edits = {}, strokes = [], tour, variant, among }) {
  const parts = new URLSearchParams();
  if (network) parts.set('n', network);
  if (tab && tab !== 'Read') parts.set('t', tab);
  if (stage) parts.set('s', stage);
  if (Number.isInteger(map)) parts.set('m', map);
  if (Number.isInteger(y)) parts.set('c', `${y}.${x}`);
  if (tour !== undefined && tour !== null) parts.set('u', tour);
  if (variant) parts.set('v', variant);
  if (among && among !== 'anything') parts.set('a', among);
  const { left, ...changed } = encodeEdits(edits);
  for (const [name, text] of Object.entries(changed)) parts.set(name, text);
  const rest = parts.toString();
  const drawing = encodeStrokes(strokes, LONGEST - rest.length - 10);
  return `${rest}${drawing && `&d=${drawing}`}&ok`;
}

/** What an address says; {cut: true} if it lost something; null where it says nothing. */
export function decode(hash) {
  const text = hash.replace(/^#/, '');
  if (!/[=&]/.test(text)) return null;
  const parts = new URLSearchParams(text.slice(0, 20_000));
  const [y, x] = (parts.get('c') ?? '').split('.').map(whole);
  const drawing = decodeStrokes(parts.get('d') ?? '');
  return {
    network: parts.get('n'), tab: parts.get('t') ?? 'Read', stage: parts.get('s'), map: whole(parts.get('m')),
    y: y ?? null, x: y === null || y === undefined ? null : x ?? null, tour: whole(parts.get('u')),
    edits: decodeEdits(parts), variant: parts.get('v'), among: parts.get('a'),
    strokes: drawing.strokes, cut: !parts.has('ok') || !drawing.whole,
  };
}
