// "What would the network see if it were ...": what is drawn or given, changed before it is read. Numbers only.

const SHIFT = 0.12; // of the side, to the right and down

/**
 * By name: label (on the page), strokes(strokes) and pen(width) for a drawing, image(image, side) for an image
 * (Float32Array, ink 1); where a drawing has none of the first two, its image is changed.
 */
export const VARIANTS = {
  negative: { label: 'negative', image: (image) => image.map((ink) => 1 - ink) },
  mirrored: {
    label: 'mirrored',
    strokes: (strokes) => strokes.map((stroke) => stroke.map(([x, y]) => [1 - x, y])),
    image: (image, side) => image.map((_, at) => image[at - at % side + side - 1 - at % side]),
  },
  shifted: {
    label: 'shifted',
    strokes: (strokes) => strokes.map((stroke) => stroke.map(([x, y]) => [x + SHIFT, y + SHIFT])),
    image: (image, side) => {
      const by = Math.round(SHIFT * side);
      return image.map((_, at) => {
        const [y, x] = [Math.floor(at / side) - by, at % side - by];
        return y < 0 || x < 0 ? 0 : image[y * side + x];
      });
    },
  },
  thicker: { label: 'thicker', pen: (width) => 1.7 * width, image: (image, side) => spread(image, side, Math.max) },
  thinner: { label: 'thinner', pen: (width) => 0.45 * width, image: (image, side) => spread(image, side, Math.min) },
};

// Each pixel becomes the most (or least) of itself and its neighbours, twice.
function spread(image, side, pick) {
  let found = image;
  for (let turn = 0; turn < 2; turn++) {
    const from = found;
    found = from.map((ink, at) => {
      const [y, x] = [Math.floor(at / side), at % side];
      const near = (dy, dx) => (y + dy < 0 || y + dy >= side || x + dx < 0 || x + dx >= side ? 0 : from[(y + dy) * side + x + dx]);
      return pick(ink, near(-1, 0), near(1, 0), near(0, -1), near(0, 1));
    });
  }
  return found;
}
