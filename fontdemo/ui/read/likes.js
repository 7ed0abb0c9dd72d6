// What a map responds to: the patches of a sample of training glyphs that excite it most, as its cells see them. The
// glyphs run through a network of their own in spare time, once, from when this is first opened; unchanged by edits.

import { LiveNetwork } from '../live/network.js';
import { format, h } from './numbers.js';

const BEST = 9;

export function mount(fold, session, { sample }) {
  const said = h('p.cell-text', { role: 'status' });
  const patches = h('ol.likes', {});
  fold.append(h('summary', {}, h('h3', {}, 'What a map responds to'), h('span', {}, 'the training glyphs that it responds to most')), h('div.tool-body', {}, said, patches));
  const found = new Map(); // by the weights' address: {best: {stage: [[{value, glyph, y, x}], ...]}, glyphs, read, net}
  let drawing = false;

  async function open() {
    const { net, name, addresses } = session;
    const weights = addresses[1]; // the visitor's own network may be another after each lesson
    if (!fold.open || !net) return;
    if (found.has(weights)) { show(); return; }
    const made = { best: {}, glyphs: null, read: 0, failed: null, description: net.description };
    found.set(weights, made);
    let own = null;
    try {
      made.glyphs = await glyphsOf(sample(name), net.description.side);
      own = await LiveNetwork.load(...addresses);
      for (const { name: stage, out_shape: [count] } of own.description.stages) made.best[stage] = Array.from({ length: count }, () => []);
      for (const [number, { image }] of made.glyphs.entries()) {
        while (drawing || !fold.open) await new Promise((done) => setTimeout(done, 200));
        const reading = await own.read(image);
        if (!reading) throw new Error("The network can't run in this browser."); // its worker is gone
        for (const spec of own.description.stages) note(made.best[spec.name], reading.stages[spec.name], spec.out_shape, number);
        made.read = number + 1;
        if (made.read % 20 === 0 || made.read === made.glyphs.length) show();
      }
    } catch (error) {
      made.failed = error.message;
      show();
    } finally { own?.close(); }
  }

  function show() {
    const made = found.get(session.addresses[1]);
    if (!fold.open || !made) return;
    const { stage, map } = session.selection;
    const spec = made.description.stages.find((one) => one.name === stage);
    if (made.failed) said.textContent = `The sample of glyphs can't be shown: ${made.failed}`;
    else if (!made.glyphs) said.textContent = 'Fetching the glyphs …';
    else if (!spec || map === null) said.textContent = 'Choose a map first.';
    else {
      const count = made.read < made.glyphs.length ? `${made.read} of ${made.glyphs.length} glyphs read so far` : `of ${made.glyphs.length} training glyphs`;
      said.textContent = `${spec.short}, ${spec.out_shape.length > 1 ? 'map' : 'value'} ${map + 1}: what it responds to, strongest first (${count}).`;
    }
    const best = spec && map !== null && made.best[stage]?.[map] || [];
    patches.replaceChildren(...best.map((one) => patch(made.glyphs[one.glyph], one, spec, made.description.side)));
    patches.dataset.read = made.read;
  }

  session.on('network', (net) => { if (net) open(); else { patches.replaceChildren(); said.textContent = ''; } });
  session.on('selection', show);
  session.on('drawing', ({ live }) => { drawing = live; });
  fold.addEventListener('toggle', open);
}

// Keep the strongest cells of each map, one a glyph.
function note(best, values, [count, height = 1, width = 1], glyph) {
  const each = height * width;
  for (let map = 0; map < count; map++) {
    let at = map * each;
    for (let i = at + 1; i < (map + 1) * each; i++) if (values[i] > values[at]) at = i;
    const own = best[map];
    if (own.length === BEST && own[BEST - 1].value >= values[at]) continue;
    const index = own.findIndex((other) => other.value < values[at]);
    const cell = at - map * each;
    own.splice(index < 0 ? own.length : index, 0, { value: values[at], glyph, y: Math.floor(cell / width), x: cell % width });
    own.length = Math.min(own.length, BEST);
  }
}

// The part of a glyph that the cell sees; all of it behind the maps.
function patch({ image, character, face }, { value, y, x }, { field, out_shape }, side) {
  const { start, step, size } = field && out_shape.length > 1 ? field : { start: 0, step: 0, size: side };
  const canvas = h('canvas', { width: size, height: size, role: 'img', 'aria-label': `Patch of ${character} in ${face}` });
  const pen = canvas.getContext('2d');
  const data = pen.createImageData(size, size);
  for (let i = 0; i < size * size; i++) {
    const [row, column] = [start + y * step + Math.floor(i / size), start + x * step + (i % size)];
    const outside = row < 0 || column < 0 || row >= side || column >= side;
    data.data.set(outside ? [150, 150, 150, 255] : [...Array(3).fill(Math.round(255 * (1 - image[row * side + column]))), 255], 4 * i);
  }
  pen.putImageData(data, 0, 0);
  return h('li', {}, canvas, h('b', {}, format(value, 3)), h('span', { title: face, translate: 'no' }, `${character}, ${face}`));
}

/** The glyphs of glyph_sample.py: [{image: Float32Array (side x side), character, face}]. */
async function glyphsOf(address, side) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(answer.status === 404 ? 'there is none for this network.' : `error ${answer.status}.`);
  const { characters, faces, columns, tile, boxes, png } = await answer.json();
  const sheet = await createImageBitmap(await (await fetch(png)).blob());
  const pen = new OffscreenCanvas(side, side).getContext('2d', { willReadFrequently: true });
  pen.imageSmoothingQuality = 'high';
  return [...characters].map((character, i) => {
    pen.clearRect(0, 0, side, side);
    pen.drawImage(sheet, (i % columns) * tile, Math.floor(i / columns) * tile, tile, tile, ...boxes[i]);
    const { data } = pen.getImageData(0, 0, side, side);
    const image = Float32Array.from({ length: side * side }, (_, n) => data[4 * n] * data[4 * n + 3] / 65025);
    return { image, character, face: faces[i] };
  });
}
