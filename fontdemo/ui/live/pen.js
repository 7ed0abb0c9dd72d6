// Strokes -> the square of ink that networks see, pixel for pixel as fontdemo/glyph/strokes.py draws it with Pillow: a round
// pen on a sheet 8 times as large, then averaged down. What was drawn stays; a longer stroke only adds to it.
//
// A drawing is a list of strokes, a stroke a list of [x, y] in units of the square's side, y downward.

const OVERSAMPLING = 8;
const FAR = 8; // as in strokes.py: points farther out are moved there

const [MAX_STROKES, MAX_POINTS] = [500, 10_000]; // as in strokes.py

function check(strokes) {
  const isPoint = (point) => Array.isArray(point) && point.length === 2 && point.every(Number.isFinite);
  if (!Array.isArray(strokes) || !strokes.every((stroke) => Array.isArray(stroke) && stroke.every(isPoint))) {
    throw new Error('A drawing is a list of strokes, and a stroke is a list of points [x, y].');
  }
  if (strokes.length > MAX_STROKES || strokes.reduce((sum, stroke) => sum + stroke.length, 0) > MAX_POINTS) {
    throw new Error(`The drawing has more than ${MAX_STROKES} strokes or ${MAX_POINTS} points.`);
  }
}

export class Pen {
  /** @param {number} side pixels of the square; width: the pen's, in those pixels */
  constructor(side = 100, width = 8.5) {
    if (!(width >= 1 && width <= side)) throw new Error('A pen is 1 to 100 pixels wide.');
    this.side = side;
    this.scale = side * OVERSAMPLING;
    this.radius = (width * OVERSAMPLING - 1) / 2;
    this.sheet = new Uint8Array(this.scale * this.scale);
    this.counts = new Uint8Array(side * side); // inked dots of each pixel, at most 64
    this.image = new Float32Array(side * side);
    this.low = new Float64Array(this.scale); // of each row, the leftmost and the rightmost dot of a bar
    this.high = new Float64Array(this.scale);
    this.drawn = []; // per stroke: the points on the sheet, and where the last of them lies
  }

  /**
   * The ink of `strokes`: Float32Array (side x side), ink 1; the pen's own, so copy what should last. Throws in words
   * if they are no drawing, or more than the server takes.
   */
  draw(strokes) {
    check(strokes);
    const inked = strokes.filter((stroke) => stroke.length);
    if (!this.#continues(inked)) this.#clear();
    inked.forEach((stroke, number) => {
      const before = this.drawn[number] ?? { points: [], at: null, last: null };
      this.drawn[number] = before;
      for (let i = before.points.length; i < stroke.length; i++) this.#extend(before, stroke[i]);
    });
    for (let i = 0; i < this.counts.length; i++) {
      // Pillow's `reduce` rounds the mean of a box to one of 256 levels.
      this.image[i] = ((this.counts[i] * 255 + 32) >> 6) / 255;
    }
    return this.image;
  }

  #continues(strokes) {
    if (strokes.length < this.drawn.length) return false;
    return this.drawn.every(({ points }, number) =>
      strokes[number].length >= points.length &&
      points.every(([x, y], i) => strokes[number][i][0] === x && strokes[number][i][1] === y));
  }

  #clear() {
    this.sheet.fill(0);
    this.counts.fill(0);
    this.drawn = [];
  }

  #extend(stroke, [x, y]) {
    stroke.points.push([x, y]);
    const position = [x, y].map((v) => Math.min(FAR, Math.max(-FAR, v)) * this.scale - 0.5);
    const rounded = position.map(halfToEven);
    const { at, last } = stroke;
    stroke.last = rounded;
    // Points nearer than the drawing can show are left out, as there.
    if (last && last[0] === rounded[0] && last[1] === rounded[1]) return;
    stroke.at = position;
    this.#disc(position);
    if (at) this.#bar(at, position);
  }

  #disc([x, y]) {
    const { radius } = this;
    const [left, top, right, bottom] = [x - radius, y - radius, x + radius, y + radius].map(Math.trunc);
    for (const [row, from, to] of discSpans(right - left, bottom - top)) this.#span(top + row, left + from, left + to);
  }

  // Half a pen to either side of the line from point to point. A polygon of Pillow's has whole corners, and a row of it
  // reaches from its leftmost to its rightmost crossing.
  #bar([ax, ay], [bx, by]) {
    const [dx, dy] = [bx - ax, by - ay];
    const length = Math.hypot(dx, dy);
    const [across, down] = [(this.radius * dy) / length, (-this.radius * dx) / length];
    const corners = [
      [ax + across, ay + down], [ax + dx + across, ay + dy + down],
      [ax + dx - across, ay + dy - down], [ax - across, ay - down],
    ].map((corner) => corner.map(Math.trunc));
    const rows = corners.map((corner) => corner[1]);
    const [top, bottom] = [Math.max(0, Math.min(...rows)), Math.min(this.scale - 1, Math.max(...rows))];
    if (top > bottom) return;
    const { low, high } = this;
    low.fill(Infinity, top, bottom + 1);
    high.fill(-Infinity, top, bottom + 1);
    for (let i = 0; i < 4; i++) {
      const [px, py] = corners[i], [qx, qy] = corners[(i + 1) % 4];
      const slope = py === qy ? 0 : Math.fround((qx - px) / (qy - py));
      const last = Math.min(bottom, Math.max(py, qy));
      for (let y = Math.max(top, Math.min(py, qy)); y <= last; y++) {
        const x = Math.fround(Math.fround((y - py) * slope) + px);
        low[y] = Math.min(low[y], x, py === qy ? qx : x);
        high[y] = Math.max(high[y], x, py === qy ? qx : x);
      }
    }
    for (let y = top; y <= bottom; y++) this.#span(y, Math.floor(low[y] + 0.5), Math.ceil(high[y] - 0.5));
  }

  // Ink the dots from..to (both inked) of a row.
  #span(row, from, to) {
    if (row < 0 || row >= this.scale) return;
    const [first, last] = [Math.max(0, from), Math.min(this.scale - 1, to)];
    const { sheet, counts } = this;
    const pixels = (row >> 3) * this.side;
    for (let x = first, at = row * this.scale + first; x <= last; x++, at++) {
      if (sheet[at]) continue;
      sheet[at] = 1;
      counts[pixels + (x >> 3)]++;
    }
  }
}

// numpy's round: halves go to the even neighbour.
function halfToEven(value) {
  const below = Math.floor(value);
  const half = value - below;
  if (half !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

const known = new Map();

// The rows of Pillow's ellipse in a box of (width + 1) x (height + 1) dots: [row, from, to] each. Its outline goes from
// the right end to the top in steps of one dot, each to whichever neighbour lies closest to the curve (Bresenham).
function discSpans(width, height) {
  const key = `${width} ${height}`;
  if (!known.has(key)) known.set(key, outline(width, height));
  return known.get(key);
}

function outline(a, b) {
  const off = (x, y) => Math.abs(a * a * y * y + b * b * x * x - a * a * b * b);
  const widest = new Map(); // row, counted in half dots from the middle -> half dots to the right
  let [x, y] = [a, b % 2];
  for (;;) {
    widest.set(y, Math.max(x, widest.get(y) ?? 0));
    if (x === a % 2 && y === b) break;
    let next = [x, y + 2];
    if (x > 1) {
      for (const other of [[x - 2, y + 2], [x - 2, y]]) if (off(...next) > off(...other)) next = other;
    }
    [x, y] = next;
  }
  const spans = [];
  for (const [away, reach] of widest) {
    for (const row of away ? [-away, away] : [0]) spans.push([(b + row) / 2, (a - reach) / 2, (a + reach) / 2]);
  }
  return spans;
}
