// Changing the network: maps switched off, a stage ranked by effect on this answer, biases scaled; what is changed, and
// how to put it back. Kernels are changed in the cell panel (cell_conv.js). Strip and answer follow by the session.
//
//   mount(document.querySelector('#read-tools'), session, { sample })
//
// It also holds origin.js and likes.js, which fold open below. sample: the address of the sample of glyphs.

import { biasScale, count, isOff, listed, switched, withBias } from './changes.js';
import * as likes from './likes.js';
import { button, format, h, percent } from './numbers.js';
import * as origin from './origin.js';
import { paced } from './paced.js';

const SHOWN = 8; // of the ranked maps, before all are asked for
const LAYERS = {
  conv: [['conv', 'Bias'], ['norm', 'Batch norm’s shift']],
  residual: [['conv', 'Bias'], ['norm', 'Batch norm’s shift']],
  fc: [['fc', 'Bias']],
};

export function mount(root, session, { sample = null } = {}) {
  const bar = h('div.changes-bar', { hidden: true });
  const body = h('div.tool-body', {});
  const fold = h('details.read-tool', { ontoggle: () => render() }, h('summary', {}, h('h3', {}, 'Change the network'), h('span', {}, 'switch maps off, scale a bias, edit a kernel')), body);
  const status = h('p.panel-said', { role: 'status' });
  root.replaceChildren(bar, fold, status);
  root.classList.add('read-tools');
  for (const part of [origin, ...(sample ? [likes] : [])]) {
    const host = root.appendChild(h('details.read-tool', {}));
    part.mount(host, session, { sample });
  }
  let ranked = null, ranking = false, all = false;
  let plain = null; // {key, label, probability}: what the answer was before the first change, and of which drawing

  const spec = (name) => session.net?.description.stages.find((stage) => stage.name === name) ?? null;
  const title = (name) => spec(name)?.short ?? name;
  const set = (edits) => session.setEdits(edits);
  const named = (stage, map) => `${title(stage)}, ${spec(stage)?.out_shape.length > 1 ? 'map' : 'value'} ${map + 1}`;
  const drawing = () => session.image ?? session.strokes;

  function renderBar() {
    const changes = listed(session.edits, title);
    bar.hidden = changes.length === 0;
    if (!changes.length) { bar.replaceChildren(); return; }
    const keep = document.activeElement?.dataset?.key;
    bar.replaceChildren(
      h('b', {}, changes.length === 1 ? '1 change' : `${changes.length} changes`),
      h('ul', {}, changes.slice(0, 6).map(({ text, stage, map, without }, i) => h('li', {},
        h('button.cell-link', { type: 'button', onclick: () => session.select({ stage, map }) }, text),
        button('×', () => set(without), { 'aria-label': `Put back ${text}`, data: { key: `back-${i}` } })))),
      ...(changes.length > 6 ? [h('span', {}, `and ${changes.length - 6} more`)] : []),
      button('Put all back', () => { set({}); status.textContent = 'All changes are undone.'; fold.querySelector('summary').focus({ preventScroll: true }); }, { data: { key: 'all-back' } }),
      h('p', {}, compared()),
    );
    if (keep) bar.querySelector(`[data-key="${CSS.escape(keep)}"]`)?.focus({ preventScroll: true });
  }

  function compared() {
    const { reading, net } = session;
    const answer = reading?.answer;
    if (!answer || plain?.of !== drawing() || plain?.name !== session.name) return '';
    const { titles } = net.description.alphabet;
    const titled = (label) => `${titles[label]} ${percent(reading.probabilities[label])}`;
    const now = answer.label === plain.label ? titled(answer.label) : `${titled(answer.label)}, ${titled(plain.label)}`;
    return `Unchanged: ${titles[plain.label]} ${percent(plain.probability)}. Now: ${now}.`;
  }

  function render() {
    if (!fold.open) return;
    const { stage, map } = session.selection;
    const chosen = spec(stage);
    if (!chosen || !session.reading) {
      body.replaceChildren(h('p.cell-text', {}, 'Choose a stage of the network first, and draw something.'));
      return;
    }
    const keep = body.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    body.replaceChildren(
      h('div.tool-column', {}, h('h4', {}, map === null ? `${chosen.short}: no map is chosen` : named(stage, map)),
        map === null ? h('p.cell-text', {}, 'Choose a map in the grid above.') : ofMap(chosen, map),
        ['conv', 'residual'].includes(chosen.kind) && h('p.cell-text', {}, 'To edit a kernel, click one of its numbers beside the patch of a cell; then type, or turn the wheel.')),
      h('div.tool-column', {}, h('h4', {}, `Which ${chosen.out_shape.length > 1 ? 'maps' : 'values'} this answer needs`), ranking_(chosen)),
    );
    if (keep) body.querySelector(`[data-key="${CSS.escape(keep)}"]`)?.focus({ preventScroll: true });
  }

  function ofMap(chosen, map) {
    const stage = chosen.name;
    const off = isOff(session.edits, stage, map);
    return [
      h('div.tool-row', {}, button(off ? 'Switch it on again' : 'Switch it off', () => set(switched(session.edits, stage, [map], !off)), {
        'aria-pressed': String(off), data: { key: 'switch' },
      })),
      ...(LAYERS[chosen.kind] ?? []).map(([layer, name]) => {
        const which = { stage, layer, map };
        const scale = biasScale(session.edits, which);
        return h('label.bias', {}, h('span', {}, name), h('input', {
          type: 'range', min: -4, max: 6, step: 0.25, value: scale, data: { key: layer }, 'aria-valuetext': `times ${scale}`,
          oninput: (event) => set(withBias(session.edits, which, event.target.valueAsNumber)),
        }), h(`output${scale === 1 ? '' : '.changed'}`, {}, `× ${format(scale)}`));
      }),
    ];
  }

  function ranking_(chosen) {
    const ready = ranked?.stage === chosen.name && ranked.net === session.net;
    const { titles } = session.net.description.alphabet;
    const stale = ready && ranked.number !== session.reading.number;
    const ask = button(ranking ? 'Ranking …' : ready ? 'Rank again' : `Rank ${chosen.short} by effect`, () => rank(chosen), { disabled: ranking || !session.reading.answer, data: { key: 'rank' } });
    if (!ready) return [h('p.cell-text', {}, 'Each one is switched off in turn. The answer’s value falls most without the ones it needs.'), h('div.tool-row', {}, ask)];
    const shown = all ? ranked.list : ranked.list.slice(0, SHOWN);
    return [
      h('p.cell-text', {}, `How much the value of ${titles[ranked.label]} falls without it, and the probability that is left.${stale ? ' Ranked before the last change.' : ''}`),
      h('ol.ranked', {}, shown.map(({ map, drop, probability }) => h('li', {},
        h('label', {}, h('input', {
          type: 'checkbox', checked: isOff(session.edits, chosen.name, map), data: { key: `off-${map}` },
          onchange: (event) => set(switched(session.edits, chosen.name, [map], event.target.checked)),
        }), ` ${named(chosen.name, map).split(', ')[1]} off`),
        h('span', {}, drop < 0 ? `rises ${format(-drop, 3)}` : `falls ${format(drop, 3)}`), h('span', {}, `${percent(probability)} left`),
        button('Show', () => session.select({ stage: chosen.name, map }), { 'aria-label': `Show ${named(chosen.name, map)}` })))),
      h('div.tool-row', {}, ranked.list.length > SHOWN && button(all ? 'Fewer' : `All ${ranked.list.length}`, () => { all = !all; render(); }, { 'aria-expanded': String(all), data: { key: 'all' } }), ask),
    ];
  }

  async function rank(chosen) {
    const { net, reading } = session;
    ranking = true;
    render();
    const label = reading.answer.label;
    const list = await net.rank(chosen.name, { label }).catch(() => null);
    ranking = false;
    if (list && net === session.net) ranked = { stage: chosen.name, label, list, net, number: reading.number };
    status.textContent = list ? `${chosen.short} is ranked.` : 'The drawing changed meanwhile: rank again.';
    render();
  }

  function remember() {
    const { reading } = session;
    if (count(session.edits) || !reading?.answer) return;
    const { label } = reading.answer;
    plain = { of: drawing(), name: session.name, label, probability: reading.probabilities[label] };
  }

  session.on('network', () => { ranked = null; renderBar(); render(); });
  session.on('selection', render);
  session.on('edits', () => { renderBar(); render(); });
  const follow = paced(session, () => {
    if (!bar.hidden) renderBar();
    render();
  });
  session.on('reading', () => {
    remember();
    follow();
  });
  remember();
  renderBar();
  return { rank };
}
