// Whether ink stands in two tall parts beside each other, as fontdemo/glyph/segment.py has it.

/**
 * @param {Float32Array} image (side x side), ink 1
 * @param {object} how {gap: so many empty columns between the parts; tall: each part's height for that of all ink}
 */
export function sideBySide(image, side, { gap, tall }) {
  const columns = []; // of those with ink: {at, top, bottom}
  for (let x = 0; x < side; x++) {
    const rows = [];
    for (let y = 0; y < side; y++) if (image[y * side + x] >= 0.5) rows.push(y);
    if (rows.length) columns.push({ at: x, top: rows[0], bottom: rows.at(-1) });
  }
  const height = (part) => Math.max(...part.map(({ bottom }) => bottom)) - Math.min(...part.map(({ top }) => top)) + 1;
  return columns.some(({ at }, i) => i > 0 && at - columns[i - 1].at > gap
    && Math.min(height(columns.slice(0, i)), height(columns.slice(i))) >= tall * height(columns));
}
