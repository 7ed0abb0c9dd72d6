// The chosen stage: its facts, all its maps in one grid that fits, and one map large. Follows every reading.

import { changedMaps } from './changes.js';
import { limits } from './colours.js';
import { Sheet, fitting } from './sheet.js';

const LAYOUT = `
<div class="stage-all">
  <header><h2></h2><p class="stage-what"></p></header>
  <dl class="stage-facts"></dl>
  <canvas class="stage-grid" tabindex="0" role="application"></canvas>
  <p class="stage-legend"><span></span><i></i><span></span><em></em></p>
</div>
<div class="stage-one">
  <div class="one-map" hidden>
    <header><h3></h3><span class="one-value"></span>
      <button type="button" data-go="-1" aria-label="Previous map">←</button>
      <button type="button" data-go="1" aria-label="Next map">→</button></header>
    <canvas tabindex="0" role="application"></canvas>
  </div>
  <div id="cell-panel"></div>
</div>`;

const number = (value) => (Math.abs(value) < 0.0005 ? '0' : Number(value.toPrecision(3)).toString().replace('-', '−'));
const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

export class OpenStage {
  #spec = null;

  constructor(element, session, scale) {
    [this.element, this.session, this.scale] = [element, session, scale];
    element.innerHTML = LAYOUT;
    const find = (name) => element.querySelector(name);
    [this.grid, this.large] = [new Sheet(find('.stage-grid')), new Sheet(find('.one-map canvas'))];
    for (const sheet of [this.grid, this.large]) {
      const { canvas } = sheet;
      canvas.addEventListener('pointermove', (event) => event.pointerType !== 'touch' && this.#point(sheet.at(event)));
      canvas.addEventListener('pointerleave', () => this.session.point(null));
      canvas.addEventListener('click', (event) => this.#choose(sheet.at(event)));
      canvas.addEventListener('keydown', (event) => this.#key(event));
    }
    element.addEventListener('click', (event) => {
      const by = event.target.closest('[data-go]')?.dataset.go;
      if (by) this.#go(Number(by));
    });
  }

  // A map is a cell of the grid; in a row of values each value is a map of one cell.
  #choose(at) {
    if (at) this.session.select({ stage: this.#spec.name, ...at });
  }

  #point(at) {
    this.session.point(at && { stage: this.#spec.name, ...at });
  }

  #go(by) {
    const { selection } = this.session;
    const [count] = this.#spec.out_shape;
    const map = ((selection.map ?? (by > 0 ? -1 : 0)) + by + count) % count;
    this.session.select({ map, y: selection.y, x: selection.x });
  }

  // Arrows move from cell to cell, and on to the map beside; page up and down from map to map.
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { map, y, x } = this.session.selection;
    const [count, height = 1, width = 1] = this.#spec.out_shape;
    if (event.key === 'PageDown' || event.key === 'PageUp') this.#go(event.key === 'PageDown' ? 1 : -1);
    else if (!ARROWS[event.key]) return;
    else if (map === null || y === null) this.#choose({ map: map ?? 0, y: 0, x: 0 });
    else if (height * width === 1) {
      const step = ARROWS[event.key][1] || ARROWS[event.key][0] * this.gridColumns;
      this.#choose({ map: Math.min(count - 1, Math.max(0, map + step)), y: 0, x: 0 });
    } else {
      const [down, right] = ARROWS[event.key];
      this.#choose({ map, y: Math.min(height - 1, Math.max(0, y + down)), x: Math.min(width - 1, Math.max(0, x + right)) });
    }
    event.preventDefault();
  }

  /** Show the stage that is chosen. */
  open() {
    const { net, selection } = this.session;
    const { side, stages, alphabet } = net.description;
    this.#spec = stages.find(({ name }) => name === selection.stage)
      ?? (selection.stage === 'input' ? input(side) : selection.stage === 'softmax' ? softmax(net.description) : stages[0]);
    this.element.hidden = false;
    const find = (name) => this.element.querySelector(name);
    const spec = this.#spec;
    find('h2').innerHTML = '<b></b> <span class="stage-shape"></span>';
    find('h2 b').textContent = spec.short;
    find('h2 span').textContent = spec.out_shape.join('×');
    find('.stage-what').textContent = spec.sentence;
    const facts = [['Size', spec.size_formula], [`${spec.parameters.toLocaleString('en')} parameters`, spec.parameter_formula]];
    find('.stage-facts').replaceChildren(...facts.filter(([, text]) => text).flatMap(([name, text]) => {
      const [term, value] = [document.createElement('dt'), document.createElement('dd')];
      [term.textContent, value.textContent] = [name, text];
      return [term, value];
    }));
    this.titles = spec.name === 'softmax' || spec.out_shape[0] === alphabet.titles.length && stages.at(-1).name === spec.name
      ? alphabet.titles : null;
    this.lay();
  }

  /** Lay the maps out for the width there is. */
  lay() {
    if (!this.#spec) return;
    const [count, height = 1, width = 1] = this.#spec.out_shape;
    const room = this.element.querySelector('.stage-all').clientWidth;
    this.room = Math.min(300, this.element.querySelector('.stage-one').clientWidth);
    const box = { width: room, height: Math.min(520, Math.max(340, room)) };
    const row = height * width === 1;
    const { zoom, columns, gap } = fitting(count, height, width, box, row
      ? { gap: count > 600 ? 0 : 1, most: 22 } : { most: count === 1 ? 5 : 12 });
    this.gridColumns = columns;
    const maps = [...Array(count).keys()];
    this.grid.layout({ maps, columns, height, width, zoom, gap });
    this.grid.canvas.setAttribute('aria-label', row ? `All ${count} values of ${this.#spec.short}; arrow keys choose one`
      : `All ${count} maps of ${this.#spec.short}; arrow keys move from cell to cell, page keys from map to map`);
    this.paint();
  }

  /** What draws the last reading: all maps, and the one that is large: [{paint, element}]. */
  pieces() {
    return [
      { element: this.grid.canvas, paint: () => this.#paintGrid() },
      { element: this.element.querySelector('.stage-one'), paint: () => this.#paintOne() },
    ];
  }

  paint() {
    this.#paintGrid();
    this.#paintOne();
  }

  #paintGrid() {
    const output = this.#spec && this.session.output(this.#spec.name);
    if (!output) return;
    const { name, out_shape: [, height = 1] } = this.#spec;
    const limit = limits(this.session, name, this.scale());
    this.grid.paint(output.values, limit, this.session.edits.off[name]);
    this.#legend(output.values, limit);
    const { cell, selection, edits } = this.session;
    for (const map of changedMaps(edits, name).keys()) this.grid.corner(map);
    if (selection.stage === name && selection.map !== null) this.grid.frame(selection.map, { style: '#f79c45' });
    if (cell.stage !== name || cell.map === null) return;
    if (cell.map !== selection.map) this.grid.frame(cell.map, { style: '#fff', line: 1 });
    if (cell.y !== null && height > 1) {
      this.grid.frame(cell.map, { rows: [cell.y, cell.y + 1], columns: [cell.x, cell.x + 1], style: '#fff', line: 1 });
    }
  }

  #legend(values, limit) {
    const [low, bar, high, note] = this.element.querySelector('.stage-legend').children;
    const own = this.scale() === 'map' && this.#spec.out_shape.length === 3 && this.#spec.name !== 'input';
    let [least, most] = [Infinity, -Infinity]; // a loop: this is done with every move of the pen
    for (let i = 0; i < values.length; i++) {
      if (values[i] < least) least = values[i];
      if (values[i] > most) most = values[i];
    }
    const end = own ? 'max' : number(limit(0) ?? 1);
    bar.className = limit(0) === null ? 'scale-ink' : least < 0 ? 'scale-both' : 'scale-warm';
    low.textContent = least < 0 ? `−${end}` : '0';
    high.textContent = end;
    const shared = { stage: 'one scale for the stage', all: 'one scale for all stages', map: 'each map on its own scale' };
    note.textContent = this.#spec.name === 'input' ? 'paper 0, ink 1'
      : `${shared[this.scale()]}; values from ${number(least)} to ${number(most)}`;
  }

  // The map that is chosen or pointed at, large.
  #paintOne() {
    const output = this.#spec && this.session.output(this.#spec.name);
    if (!output) return;
    const { name, out_shape: [count, height = 1, width = 1] } = this.#spec;
    const { cell, selection } = this.session;
    const mine = cell.stage === name;
    const one = this.element.querySelector('.one-map');
    const chosen = mine && cell.map !== null ? cell.map : selection.stage === name ? selection.map : null;
    one.hidden = count === 1 || (chosen === null && height === 1); // a map that is alone is large already
    if (one.hidden) return;
    // Until one is chosen the strongest, so that there is something to point at.
    const map = chosen ?? this.session.leading(name);
    const at = mine && cell.map === map && cell.y !== null ? cell : null;
    const value = at ? output.values[(map * height + at.y) * width + at.x] : height * width === 1 ? output.values[map] : null;
    one.querySelector('h3').textContent = this.titles ? `${this.titles[map]}` : `${this.#spec.short}, ${height > 1 ? 'map' : 'value'} ${map + 1}`;
    one.querySelector('.one-value').textContent = value === null ? (matchMedia('(hover: none)').matches ? 'tap a cell' : 'point at a cell')
      : `${height > 1 ? `row ${at.y + 1}, column ${at.x + 1}: ` : ''}${number(value)}`;
    this.large.canvas.hidden = height === 1;
    if (height === 1) return;
    this.large.layout({ maps: [map], columns: 1, height, width, zoom: Math.max(1, Math.floor(this.room / width)), gap: 1 });
    this.large.paint(output.values, limits(this.session, name, this.scale()), this.session.edits.off[name]);
    this.large.canvas.setAttribute('aria-label', `Map ${map + 1} of ${this.#spec.short}; arrow keys move from cell to cell`);
    if (at) this.large.frame(map, { rows: [at.y, at.y + 1], columns: [at.x, at.x + 1], style: '#fff' });
  }

  /** What is shown, for saving: {spec, canvas}. */
  get shown() {
    return { spec: this.#spec, canvas: this.grid.canvas };
  }
}

const input = (side) => ({
  name: 'input', short: 'Input', kind: 'input', out_shape: [1, side, side], parameters: 0, size_formula: '',
  sentence: 'The image as the network gets it: one value a pixel, ink 1 and paper 0.',
});

const softmax = ({ alphabet, temperature }) => ({
  name: 'softmax', short: 'Classes', kind: 'softmax', out_shape: [alphabet.classes.length], parameters: 0, size_formula: '',
  sentence: `Softmax turns the last values${temperature === 1 ? '' : `, divided by ${number(temperature)},`} into probabilities, `
    + 'which add up to 1; the largest is the answer.',
});
