// Where the answer comes from, for any class: where covering the drawing hurts (occlusion), and where the last maps speak
// for the class (Grad-CAM). Worked out while it is open; the ink heat map is the server's, in "Why this answer?".

import { top } from '../live/network.js';
import { button, format, h, percent, thumb } from './numbers.js';

const FOR = [224, 111, 23], AGAINST = [24, 101, 180];
const SETTLED = 300; // milliseconds without a new reading, before it is worked out

export function mount(fold, session) {
  const body = h('div.tool-body', {});
  fold.append(h('summary', {}, h('h3', {}, 'Where the answer comes from'), h('span', {}, 'occlusion and Grad-CAM, for any class')), body);
  const row = h('div.tool-row', { role: 'group', 'aria-label': 'Class' });
  const said = h('p.cell-text', { role: 'status' });
  const figures = h('div.origin-row', {});
  const why = button('Which ink speaks for the answer', () => {
    const section = document.querySelector('#why');
    if (section && !section.querySelector(':scope > button.open')) section.querySelector(':scope > button')?.click();
    section?.scrollIntoView({ block: 'nearest' });
  });
  body.append(row, said, figures, document.querySelector('#why') ? h('div.tool-row', {}, why) : '');
  let label = null; // the class asked about; null: the likeliest
  let timer = 0, turn = 0;

  function classes() {
    const { net, reading } = session;
    const best = top(net.description, reading.probabilities, 5);
    const of = label ?? best[0].label;
    const keep = row.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    const choose = (next) => { label = next; later(0); };
    const { titles } = net.description.alphabet;
    row.replaceChildren(...best.map((one) => button(`${one.title} ${percent(one.probability)}`, () => choose(one.label), {
      'aria-pressed': String(one.label === of), data: { key: `class-${one.label}` },
    })), h('select.tool', { 'aria-label': 'Another class', data: { key: 'other' }, onchange: (event) => choose(Number(event.target.value)) },
      titles.map((title, other) => h('option', { value: other, selected: other === of }, title))));
    if (keep) row.querySelector(`[data-key="${CSS.escape(keep)}"]`)?.focus({ preventScroll: true });
    return of;
  }

  async function work() {
    const { net, reading } = session;
    const mine = ++turn;
    if (!fold.open || !net || !reading) return;
    if (reading.blank) { said.textContent = 'Draw something first.'; row.replaceChildren(); figures.replaceChildren(); return; }
    const of = classes();
    const name = net.description.alphabet.titles[of];
    said.textContent = `Working it out for ${name} …`;
    const stale = () => mine !== turn || net !== session.net;
    try {
      const camera = await net.gradCam({ label: of });
      if (!camera || stale()) return;
      const hidden = await net.occlusion({ label: of });
      if (!hidden || stale()) return;
      const spec = net.description.stages.find((stage) => stage.name === camera.stage);
      figures.replaceChildren(
        figure(overlaid(reading.image, hidden.heat, 100, 100), 'Occlusion', `A square of paper covers each position in turn. Orange: with that part covered the value of “${name}” falls, by up to ${format(Math.max(0, ...hidden.heat), 3)}; blue: it rises.`),
        figure(overlaid(reading.image, camera.heat, camera.rows, camera.columns), 'Grad-CAM', `Where the maps of ${spec.short} speak for ${name}: each weighed by how much the value rises with it. ${camera.rows}×${camera.columns} cells, smoothed.`));
      said.textContent = `For ${name}, ${percent(reading.probabilities[of])}.`;
      fold.dispatchEvent(new CustomEvent('origin', { detail: { label: of } }));
    } catch (error) {
      if (!stale()) said.textContent = error.message;
    }
  }

  const figure = (canvas, name, text) => {
    canvas.setAttribute('aria-label', `${name} on the drawing`);
    return h('figure', {}, canvas, h('figcaption', {}, h('b', {}, name), ` ${text}`));
  };

  const later = (wait = SETTLED) => { clearTimeout(timer); timer = setTimeout(work, wait); };
  fold.addEventListener('toggle', () => later(0));
  session.on('network', () => { turn++; label = null; figures.replaceChildren(); });
  session.on('reading', () => { if (fold.open) later(); });
  session.on('selection', ({ stage, map }) => {
    if (stage === 'softmax' && map !== null && map !== label) { label = map; later(0); }
  });
}

/** The image, pale, with a heat of rows x columns over it: orange above zero, blue below. */
function overlaid(image, heat, rows, columns) {
  const side = Math.sqrt(image.length);
  const limit = heat.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const canvas = h('canvas', { width: 3 * side, height: 3 * side, role: 'img' });
  const pen = canvas.getContext('2d');
  pen.imageSmoothingEnabled = false;
  pen.drawImage(thumb(image, side, side, (ink) => Array(3).fill(Math.round(255 - 165 * ink))), 0, 0, canvas.width, canvas.height);
  pen.imageSmoothingEnabled = true;
  pen.imageSmoothingQuality = 'high';
  const clear = (value) => [...(value < 0 ? AGAINST : FOR), Math.round(190 * Math.abs(value) / limit)];
  pen.drawImage(thumb(heat, rows, columns, clear), 0, 0, canvas.width, canvas.height);
  return canvas;
}
