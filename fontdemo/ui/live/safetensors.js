// A file of tensors -> its float32 tensors by name. The format: 8 bytes of length, a JSON header, raw numbers.
// Tensors of other types (a counter of batches, say) are left out. It trusts no number in the file.

/**
 * @param {ArrayBuffer} buffer the whole file
 * @returns {Map<string, {shape: number[], data: Float32Array}>}
 * @throws {Error} with a sentence for people if it is no such file
 */
export function parseSafetensors(buffer) {
  const broken = (why) => new Error(`These weights can't be read: ${why}.`);
  if (buffer.byteLength < 8) throw broken('the file is too short');
  const long = new DataView(buffer).getBigUint64(0, true);
  if (long > BigInt(buffer.byteLength - 8)) throw broken('the file is cut off');
  const start = 8 + Number(long);
  let header;
  try {
    header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, Number(long))));
  } catch {
    throw broken('the header is no JSON');
  }
  const tensors = new Map();
  for (const [name, entry] of Object.entries(header ?? {})) {
    if (name === '__metadata__' || entry?.dtype !== 'F32') continue;
    const { shape, data_offsets: offsets } = entry;
    const numbers = (list) => Array.isArray(list) && list.every(Number.isInteger);
    if (!numbers(shape) || !numbers(offsets)) throw broken(`${name} has no size`);
    const [from, to] = offsets;
    const count = shape.reduce((product, side) => product * side, 1);
    if (!(from >= 0 && to - from === 4 * count && start + to <= buffer.byteLength)) throw broken(`${name} is cut off`);
    // Copied: an offset need not be a multiple of 4, which a view of float32 asks for.
    tensors.set(name, { shape, data: new Float32Array(buffer.slice(start + from, start + to)) });
  }
  return tensors;
}
