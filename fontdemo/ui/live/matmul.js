// The inner loop of a convolution, which takes most of the time: 4 outputs x 8 positions at once, as WebAssembly SIMD,
// or in plain JavaScript where there is none. Both work on the same flat memory, laid out for them by `Memory`.
//
//   weights  [block of 4 outputs][term][4]     panel  [term][8 positions]     products  [output][8 positions]
//
// products[o][j] = sum over terms t of weights[o / 4][t][o % 4] * panel[t][j]
// WebAssembly is written down here as bytes by name; on the two cores it was measured on it is several times as fast.

const PAGE = 65536; // bytes that WebAssembly's memory grows by
const CHUNK = 8; // terms that are added up in float32 before they are added, in float64, to the rest

/** The flat memory of float32 that the loop works on, handed out by name. Offsets are in floats, not bytes. */
export class Memory {
  #blocks = new Map();
  #end = 0;

  /** @param {boolean} simd false: plain JavaScript even where WebAssembly would do */
  constructor(simd = true) {
    const made = simd ? assembled() : null;
    this.simd = made !== null;
    this.#memory = made ? made.memory : new ArrayBuffer(PAGE);
    this.multiply = made ? made.multiply : (...offsets) => multiply(this.floats, ...offsets);
  }

  #memory;
  #floats = null;

  /** All of the memory. Ask again after `allocate`, which may move it. */
  get floats() {
    const buffer = this.simd ? this.#memory.buffer : this.#memory;
    if (this.#floats?.buffer !== buffer) this.#floats = new Float32Array(buffer);
    return this.#floats;
  }

  /** Where `length` floats of this name lie, 16 bytes at a time; the same offset for the same name and length. */
  allocate(name, length) {
    const known = this.#blocks.get(name);
    if (known && known.length >= length) return known.at;
    const at = this.#end;
    this.#end += (length + 3) & ~3;
    this.#blocks.set(name, { at, length });
    const missing = this.#end * 4 - this.floats.byteLength;
    if (missing > 0) this.#grow(Math.ceil(missing / PAGE));
    return at;
  }

  #grow(pages) {
    if (this.simd) {
      this.#memory.grow(pages);
    } else {
      const larger = new ArrayBuffer(this.#memory.byteLength + pages * PAGE);
      new Uint8Array(larger).set(new Uint8Array(this.#memory));
      this.#memory = larger;
    }
  }
}

// The same as the WebAssembly below, for all offsets in floats, two columns of four outputs at a time.
function multiply(floats, weights, panel, products, blocks, terms) {
  for (let block = 0; block < blocks; block++) {
    for (let j = 0; j < 8; j += 2) {
      let a0 = 0, a1 = 0, b0 = 0, b1 = 0, c0 = 0, c1 = 0, d0 = 0, d1 = 0;
      let w = weights + block * terms * 4, p = panel + j;
      for (let t = 0; t < terms; t++, w += 4, p += 8) {
        const x = floats[p], y = floats[p + 1];
        const a = floats[w], b = floats[w + 1], c = floats[w + 2], d = floats[w + 3];
        a0 += a * x; a1 += a * y;
        b0 += b * x; b1 += b * y;
        c0 += c * x; c1 += c * y;
        d0 += d * x; d1 += d * y;
      }
      const out = products + block * 32 + j;
      floats[out] = a0; floats[out + 1] = a1;
      floats[out + 8] = b0; floats[out + 9] = b1;
      floats[out + 16] = c0; floats[out + 17] = c1;
      floats[out + 24] = d0; floats[out + 25] = d1;
    }
  }
}

/** {memory, multiply} of the loop in WebAssembly, or null where the browser (or the page's policy) has none. */
function assembled() {
  try {
    const module = new WebAssembly.Module(moduleBytes());
    const { memory, multiply } = new WebAssembly.Instance(module).exports;
    return {
      memory,
      multiply: (weights, panel, products, blocks, terms) =>
        multiply(weights * 4, panel * 4, products * 4, blocks, terms),
    };
  } catch {
    return null;
  }
}

// Numbers below 128 are one byte each in LEB128; so are all of ours.
const I32 = 0x7f, V128 = 0x7b, VOID = 0x40, END = 0x0b;
const get = (local) => [0x20, local];
const set = (local) => [0x21, local];
const number = (value) => value < 64 ? [0x41, value] : [0x41, (value & 0x7f) | 0x80, value >> 7];
const add = [0x6a], subtract = [0x6b], less = [0x49], select = [0x1b];
const tee = (local) => [0x22, local];
const loop = (...body) => [0x03, VOID, ...body.flat(), END];
const again = [0x0d, 0]; // if what lies on the stack is not 0
const simd = (code) => (code < 128 ? [0xfd, code] : [0xfd, (code & 0x7f) | 0x80, code >> 7]);
const loadFour = (offset) => [...simd(0), 2, ...leb(offset)];
const loadSplat = (offset) => [...simd(9), 2, ...leb(offset)];
const storeFour = (offset) => [...simd(11), 2, ...leb(offset)];
const zeros = [...simd(12), ...new Array(16).fill(0)];
const addFour = simd(0xe4), multiplyFour = simd(0xe6);
const toDoubles = simd(0x5f), toFloats = simd(0x5e), addDoubles = simd(0xf0); // of the two lower lanes
const bytesFrom = (...starts) => starts.flatMap((start) => [0, 1, 2, 3, 4, 5, 6, 7].map((i) => start + i));
const upperHalf = (local) => [...get(local), ...get(local), ...simd(13), ...bytesFrom(8, 8)];
const joinHalves = [...simd(13), ...bytesFrom(0, 16)];

function leb(value) {
  const bytes = [];
  do {
    bytes.push((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    value >>= 7;
  } while (value);
  return bytes;
}

function moduleBytes() {
  // The arguments (in bytes), then: terms left of a chunk and after it, where in the panel; a chunk's sums, all sums,
  // two fours of positions, a weight. In float32 throughout, a value that is left over of large ones would be wrong in its
  // fifth digit, and a cell's arithmetic would show that.
  const [WEIGHTS, PANEL, PRODUCTS, BLOCKS, TERMS, LEFT, REST, AT] = [0, 1, 2, 3, 4, 5, 6, 7];
  const sum = (i) => 8 + i; // i = 2 row + half
  const whole = (i, upper) => 16 + 2 * i + upper; // two float64 each
  const [LOW, HIGH, WEIGHT] = [32, 33, 34];
  const rows = [0, 1, 2, 3], sums = [0, 1, 2, 3, 4, 5, 6, 7];
  const more = (local, bytes) => [...get(local), ...number(bytes), ...add, ...set(local)];
  const clear = (local) => [...zeros, ...set(local)];
  const body = loop(
    sums.flatMap((i) => [...clear(whole(i, 0)), ...clear(whole(i, 1))]),
    [...get(PANEL), ...set(AT), ...get(TERMS), ...set(REST)],
    loop(
      sums.flatMap((i) => clear(sum(i))),
      [...get(REST), ...number(CHUNK), ...get(REST), ...number(CHUNK), ...less, ...select, ...set(LEFT)],
      [...get(REST), ...get(LEFT), ...subtract, ...set(REST)],
      loop(
        [...get(AT), ...loadFour(0), ...set(LOW), ...get(AT), ...loadFour(16), ...set(HIGH)],
        rows.flatMap((row) => [
          ...get(WEIGHTS), ...loadSplat(4 * row), ...set(WEIGHT),
          ...[LOW, HIGH].flatMap((values, half) => [
            ...get(WEIGHT), ...get(values), ...multiplyFour,
            ...get(sum(2 * row + half)), ...addFour, ...set(sum(2 * row + half)),
          ]),
        ]),
        more(WEIGHTS, 16),
        more(AT, 32),
        [...get(LEFT), ...number(1), ...subtract, ...tee(LEFT), ...again],
      ),
      sums.flatMap((i) => [get(sum(i)), upperHalf(sum(i))].flatMap((pair, upper) => [
        ...get(whole(i, upper)), ...pair, ...toDoubles, ...addDoubles, ...set(whole(i, upper)),
      ])),
      [...get(REST), ...again],
    ),
    sums.flatMap((i) => [
      ...get(PRODUCTS), ...get(whole(i, 0)), ...toFloats, ...get(whole(i, 1)), ...toFloats, ...joinHalves,
      ...storeFour(16 * i),
    ]),
    more(PRODUCTS, 128),
    [...get(BLOCKS), ...number(1), ...subtract, ...tee(BLOCKS), ...again],
  );
  const locals = [2, 3, I32, 27, V128];
  const code = [...locals, ...body, END];
  const section = (id, ...parts) => [id, ...leb(parts.flat().length), ...parts.flat()];
  const name = (text) => [text.length, ...new TextEncoder().encode(text)];
  return new Uint8Array([
    0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
    ...section(1, [1, 0x60, 5, I32, I32, I32, I32, I32, 0]), // one type: five integers, no result
    ...section(3, [1, 0]), // one function of it
    ...section(5, [1, 0, 1]), // a memory of one page, which may grow
    ...section(7, [2, ...name('memory'), 2, 0, ...name('multiply'), 0, 0]),
    ...section(10, [1, ...leb(code.length), ...code]),
  ]);
}
