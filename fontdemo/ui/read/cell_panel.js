// One cell of the network, every number of it: where it lies, what it sees, how its value comes about.
//
//   const panel = mount(document.querySelector('#cell-panel'), session, { play });
//
// It shows session.cell: the cell under the mouse, else the one that was chosen; of a map without a chosen cell its
// strongest one. The element gets an event `cellshown` each time, {detail: {selection, cell, ms}}; `highlight` of the two
// says what lights up on the drawing and in the stage before. play(session, cell, context): opens Ideas
// with this map and kernel, see ideas_link.js; without it there is no such button.

import { activated } from '../live/activations.js';
import { conv, residual } from './cell_conv.js';
import * as rows from './cell_rows.js';
import { canPlay } from './ideas_link.js';
import { button, exact, format, h } from './numbers.js';
import { paced } from './paced.js';

const SHOW = { conv, residual, ...rows };
const SIGHT = 'Choose a cell of any map to see its arithmetic.';

/**
 * What a cell sees: {input: {y, x, height, width} of the drawing, before: {stage, map, rect}}. before.stage is 'input'
 * where the drawing itself comes before; map null: all maps; rect null: that stage is a row of values, all of them.
 */
export function highlight(selection, cell) {
  if (!cell) return { input: null, before: null };
  const rect = (span) => span?.rows && {
    y: span.rows[0], x: span.columns[0], height: span.rows[1] - span.rows[0], width: span.columns[1] - span.columns[0],
  };
  const { stage, maps, ...seen } = cell.before ?? {};
  return {
    input: rect(cell.field) ?? null,
    before: cell.before ? { stage: stage ?? 'input', map: maps ?? null, rect: rect(seen) ?? null } : null,
  };
}

export function mount(root, session, { play = null } = {}) {
  const states = new Map(); // what was opened and chosen within a map's panel, by stage and map
  const said = h('p.panel-said', { role: 'status' });
  const body = h('div.cell-body', {});
  let cell = null, selected = null, busy = false, again = false, announce = false, rendering = false, typing = false;
  let seen = true, later = 0;
  let wanted = null; // the key of what takes the focus when the panel is shown next
  root.replaceChildren(body, said);
  root.classList.add('cell-panel');

  const spec = (name) => session.net?.description.stages.find((stage) => stage.name === name) ?? null;
  const title = (name) => (name === null || name === 'input' ? 'your drawing' : name === 'softmax' ? 'the classes' : spec(name)?.short ?? name);
  const state = () => {
    const key = `${session.name}/${selected.stage}/${selected.map}`;
    if (!states.has(key)) states.set(key, { input: null, weight: null, part: null, all: false });
    return states.get(key);
  };

  // The cell to show, with its map and position filled in where only the stage or the map is chosen.
  function current() {
    const { stage, map, y, x } = session.cell;
    const output = stage && session.output(stage);
    if (!output) return null;
    const [maps, height = 1, width = 1] = output.shape;
    if (map !== null && map < maps && y !== null && y < height && x < width) return { stage, map, y, x, chosen: true };
    // The map that is large above, so that both speak of one; a value of a row is a map of its own.
    const large = map !== null && map < maps ? map : height * width > 1 ? session.leading(stage) : null;
    const own = large !== null ? [large, large + 1] : [0, maps];
    let best = own[0] * height * width;
    for (let i = best; i < own[1] * height * width; i++) {
      if (Math.abs(output.values[i]) > Math.abs(output.values[best])) best = i;
    }
    const at = [Math.floor(best / height / width), Math.floor(best / width) % height, best % width];
    return { stage, map: at[0], y: at[1], x: at[2], chosen: height * width === 1 && map !== null };
  }

  // One question at a time, and after it the newest one: a fast mouse never makes a queue.
  async function ask() {
    if (busy) { again = true; return; }
    busy = true;
    try {
      do {
        again = false;
        await once();
      } while (again);
    } finally { busy = false; }
  }

  async function once() {
    const began = performance.now();
    const { net } = session;
    const asked = current();
    if (!net || !asked) { nothing(); return; }
    selected = asked;
    const { stage, map, y, x } = asked;
    let found;
    try {
      found = stage === 'input' ? pixel(asked) : await net.cell(stage, map, y, x, state().part);
    } catch (error) {
      if (net === session.net && !again) nothing(error.message);
      return;
    }
    if (net !== session.net) return;
    cell = found;
    render();
    root.dispatchEvent(new CustomEvent('cellshown', { bubbles: true, detail: { selection: asked, cell, ms: performance.now() - began } }));
  }

  function pixel({ y, x }) {
    const value = session.reading.image[y * session.net.description.side + x];
    const field = { rows: [y, y + 1], columns: [x, x + 1] };
    return { kind: 'input', stage: 'input', map: 0, y, x, value, sum: value, agrees: true, difference: 0, off: false, field, before: null };
  }

  function nothing(why = SIGHT) {
    [cell, selected] = [null, null];
    body.replaceChildren(h('h3', {}, 'One cell'), h('p.cell-text', {}, why));
    root.dispatchEvent(new CustomEvent('cellshown', { bubbles: true, detail: { selection: null, cell: null, ms: 0 } }));
  }

  const name = () => {
    const { stage, map, y, x } = selected;
    const { alphabet } = session.net.description;
    const classes = stage === 'softmax' || session.output(stage)?.shape[0] === alphabet.classes.length && stage === session.net.description.stages.at(-1).name;
    if (classes) return `${stage === 'softmax' ? 'Probability' : `${title(stage)}: value`} of ${alphabet.titles[map]}`;
    if (session.output(stage).shape.length === 1) return `${title(stage)}, value ${map + 1}`;
    return `${stage === 'input' ? 'Your drawing' : `${title(stage)}, map ${map + 1}`}, row ${y + 1}, column ${x + 1}`;
  };

  function render() {
    if (!cell) return;
    const focused = root.contains(document.activeElement) ? document.activeElement : null;
    let { key } = focused?.dataset ?? {};
    const typed = typing && focused?.matches('input') ? focused.value : null;
    const { stages, alphabet } = session.net.description;
    const index = stages.findIndex((stage) => stage.name === selected.stage);
    const context = {
      session, selected, title, render, ask, focus, focusNext: (key) => { wanted = key; }, state: state(), names: alphabet.titles,
      spec: cell.kind === 'softmax' ? stages.at(-1) : stages[index],
      before: index > 0 ? stages[index - 1] : null, classes: index === stages.length - 1,
      go: (stage, map, y, x) => session.select({ stage: stage ?? 'input', map, y, x }),
      typed: () => !rendering,
    };
    const parts = [
      h('header', {}, h('h3', {}, name()), h('output.cell-value', { data: { value: String(cell.value) } }, exact(cell.value))),
      h('p.cell-sees', {}, sees()),
      off(), SHOW[cell.kind](cell, context), cell.kind !== 'input' && check(), tools(context),
    ];
    rendering = true;
    body.replaceChildren(...parts.flat(3).filter(Boolean));
    rendering = false;
    if (wanted) [key, wanted] = [wanted, null];
    if (key) focus(key, typed);
    if (announce) [said.textContent, announce] = [`${name()}: ${format(cell.value)}`, false];
  }

  function focus(key, typed = null) {
    const found = body.querySelector(`[data-key="${CSS.escape(key)}"]`);
    found?.focus({ preventScroll: true });
    if (found && typed !== null) found.value = typed;
  }

  function sees() {
    const { rows: [top, bottom], columns: [left, right] } = cell.field;
    const { side } = session.net.description;
    const strongest = selected.chosen ? '' : 'The strongest cell here. ';
    if (cell.kind === 'input') return strongest;
    if (bottom - top >= side && right - left >= side) return `${strongest}It sees all of your drawing.`;
    return `${strongest}It sees rows ${top + 1}–${bottom} and columns ${left + 1}–${right} of your drawing.`;
  }

  function off() {
    if (!cell.off) return null;
    const before = cell.preactivation ?? cell.candidates?.[cell.winner].value ?? cell.from?.value ?? null;
    const would = before === null ? '' : ` Without that it would be ${format(activated(cell.act ?? null, before))}.`;
    return h('p.changed', {}, `Switched off: it counts as 0.${would}`);
  }

  function check() {
    const sum = cell.off ? 'Switched off, the value is 0, and so is the network’s.' : `Worked out here: ${exact(cell.sum)}. The network’s own value: ${exact(cell.value)}.`;
    const verdict = cell.agrees ? 'They agree to within 0.00001 of the largest number above.' : `They differ by ${format(cell.difference, 2)} of the largest number above.`;
    return h(`p.cell-check${cell.agrees ? '' : '.cell-differs'}`, { data: { agrees: String(cell.agrees), sum: String(cell.sum) } },
      h('b', { 'aria-hidden': 'true' }, cell.agrees ? '✓' : '≠'), h('span', {}, `${sum} ${cell.off ? '' : verdict}`));
  }

  const tools = (context) => play && canPlay(cell) && h('div.tool-row', {},
    button('Play with this in Ideas', () => play(session, cell, context), { data: { key: 'play' } }));

  body.addEventListener('input', () => { typing = true; });
  body.addEventListener('change', () => { typing = false; });
  if ('IntersectionObserver' in window) {
    new IntersectionObserver((entries) => {
      const was = seen;
      seen = entries.at(-1).isIntersecting;
      if (seen && !was && session.reading) ask();
    }).observe(root);
  }
  session.on('network', () => { if (!session.net) nothing(); });
  session.on('selection', () => { announce = true; });
  session.on('cell', ask);
  const follow = paced(session, ask);
  session.on('reading', () => {
    clearTimeout(later);
    // Out of sight it follows once the pen rests.
    if (seen || !cell) follow(); else later = setTimeout(ask, 300);
  });
  nothing();
  if (session.reading) ask();
  return { ask, get cell() { return cell; } };
}
