// The whole network on one screen: a column a stage, with its strongest maps, and the classes at the end.
// All is drawn anew with every reading. A map under the mouse shows what it is made of in the stage before.

import { changedMaps } from './changes.js';
import { limits, greatest } from './colours.js';
import { Sheet } from './sheet.js';
import { windowOf } from './windows.js';

const GAP = 2;
const EDGES = 'http://www.w3.org/2000/svg';

// CSS pixels a value: small maps are shown small, but so that cells can be told apart.
const zoomOf = (side) => (side >= 40 ? 1 : side >= 16 ? 2 : side >= 10 ? 3 : side >= 5 ? 4 : 6);

export class Strip {
  #columns = [];
  #hover = null; // {column, map}

  /**
   * @param {HTMLElement} element where the columns go
   * @param {object} session session.js; scale: () => what the colours' scale is shared by
   */
  constructor(element, session, scale) {
    [this.element, this.session, this.scale] = [element, session, scale];
    this.edges = document.createElementNS(EDGES, 'svg');
    this.edges.classList.add('strip-edges');
    this.edges.setAttribute('aria-hidden', 'true');
    element.addEventListener('pointermove', (event) => this.#pointed(event));
    element.addEventListener('pointerleave', () => this.#leave());
    element.addEventListener('click', (event) => this.#clicked(event));
  }

  /** Columns for the network that is loaded. */
  build() {
    const { description } = this.session.net;
    const { side, stages, alphabet } = description;
    const all = [
      { name: 'input', short: 'In', out_shape: [1, side, side] }, ...stages,
      { name: 'softmax', short: 'Classes', out_shape: [alphabet.classes.length] },
    ];
    this.element.replaceChildren(this.edges);
    this.#columns = all.map((spec) => this.#column(spec));
    this.#lay();
  }

  #column(spec) {
    const element = document.createElement('div');
    element.className = `strip-column strip-${spec.out_shape.length === 3 ? 'maps' : 'values'}`;
    element.dataset.stage = spec.name;
    const shape = spec.out_shape.join('×');
    element.innerHTML = `<button type="button" class="strip-name" aria-pressed="false">
      <b></b> <span></span><i aria-hidden="true" hidden></i></button><canvas></canvas>`;
    element.querySelector('b').textContent = spec.short;
    element.querySelector('span').textContent = shape;
    this.element.append(element);
    return { spec, element, canvas: element.querySelector('canvas'), sheet: new Sheet(element.querySelector('canvas')), shown: 0 };
  }

  // How many maps fit beside each other: the narrowest stages widen until the page is full.
  #lay() {
    const high = Number.parseFloat(getComputedStyle(this.element).getPropertyValue('--strip-height')) || 300;
    const wide = this.element.parentElement.clientWidth;
    const columns = this.#columns.filter(({ spec }) => spec.out_shape.length === 3);
    for (const column of columns) {
      const { spec } = column;
      const [count, height] = spec.out_shape;
      column.zoom = spec.name === 'input' ? 0.64 : zoomOf(height);
      column.each = height * column.zoom + GAP;
      column.rows = Math.max(1, Math.floor((high + GAP) / column.each));
      column.across = 1;
      column.most = Math.ceil(count / column.rows);
    }
    const width = (column) => Math.max(54, column.across * column.each);
    const values = this.#columns.filter((column) => !columns.includes(column));
    const taken = () => columns.reduce((sum, column) => sum + width(column), 0) + values.length * 50 + 70 + 12 * this.#columns.length;
    for (;;) {
      const growing = columns.filter((column) => column.across < column.most);
      growing.sort((one, other) => one.across * one.each - other.across * other.each);
      const next = growing.find((column) => taken() - width(column) + Math.max(54, (column.across + 1) * column.each) <= wide);
      if (!next) break;
      next.across++;
    }
    for (const column of this.#columns) this.#layColumn(column, high);
    this.mark();
  }

  #layColumn(column, high) {
    const { spec, sheet } = column;
    const [count, height = 1, width = 1] = spec.out_shape;
    if (spec.name === 'softmax') {
      Object.assign(column.canvas.style, { width: '104px', height: `${high}px` });
      const ratio = window.devicePixelRatio || 1;
      [column.canvas.width, column.canvas.height] = [104 * ratio, high * ratio];
    } else if (spec.out_shape.length === 1) {
      const zoom = Math.max(1, Math.min(8, Math.floor(Math.sqrt(40 * high / count))));
      const across = Math.min(count, Math.max(1, Math.ceil(count / Math.floor(high / zoom))));
      sheet.layout({ maps: [...Array(count).keys()], columns: across, height: 1, width: 1, zoom, gap: 0 });
    } else {
      this.#choose(column);
      sheet.layout({
        maps: column.chosen, columns: Math.min(column.across, column.chosen.length), height, width, zoom: column.zoom, gap: GAP,
      });
    }
  }

  // The strongest maps, in the order they have in the stage.
  #choose(column) {
    const { spec: { name, out_shape: [count, height, width] }, rows, across } = column;
    const room = Math.min(count, rows * across);
    const values = this.session.output(name)?.values;
    const order = [...Array(count).keys()];
    if (values && !this.session.reading.blank) {
      const each = height * width;
      const changed = changedMaps(this.session.edits, name);
      const strength = order.map((map) => (changed.has(map) ? Infinity : greatest(values, map * each, each)));
      order.sort((one, other) => strength[other] - strength[one]);
    }
    column.chosen = order.slice(0, room).sort((one, other) => one - other);
  }

  /** Which maps are the strongest now; not while the pen moves, when they would change places. */
  rank() {
    const high = Number.parseFloat(getComputedStyle(this.element).getPropertyValue('--strip-height')) || 300;
    for (const column of this.#columns) if (column.spec.out_shape.length === 3) this.#layColumn(column, high);
  }

  /** What draws the last reading, a column each: [{paint, element}]. */
  pieces() {
    return this.#columns.map((column) => ({ element: column.element, paint: () => this.#paint(column) }));
  }

  #paint(column) {
    const { spec: { name }, sheet } = column;
    const output = this.session.output(name);
    if (!output) return;
    if (name === 'softmax') { this.#classes(column); return; }
    sheet.paint(output.values, limits(this.session, name, this.scale()), this.session.edits.off[name]);
    this.#frames(column);
  }

  #classes({ canvas }) {
    const { probabilities, blank } = this.session.reading;
    const { titles } = this.session.net.description.alphabet;
    const pen = canvas.getContext('2d');
    const ratio = window.devicePixelRatio || 1;
    const [wide, high] = [canvas.width / ratio, canvas.height / ratio];
    const style = getComputedStyle(canvas);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, wide, high);
    const each = high / probabilities.length;
    const best = [...probabilities.keys()].sort((one, other) => probabilities[other] - probabilities[one]);
    probabilities.forEach((probability, label) => {
      pen.fillStyle = style.getPropertyValue('--rule');
      pen.fillRect(22, label * each + each / 2 - 0.5, wide - 22, 1);
      pen.fillStyle = style.getPropertyValue('--accent');
      if (!blank) pen.fillRect(22, label * each + 0.5, Math.max(probability * (wide - 22), probability > 0.002 ? 1 : 0), Math.max(2, each - 1));
    });
    pen.fillStyle = style.color;
    pen.textBaseline = 'middle';
    const placed = [];
    for (const label of blank ? [] : best.slice(0, 5)) {
      const y = Math.min(high - 8, Math.max(8, (label + 0.5) * each));
      if (probabilities[label] < 0.01 || placed.some((other) => Math.abs(other - y) < 13)) continue;
      placed.push(y);
      pen.font = `600 ${label === best[0] ? 15 : 12}px Charter, "Iowan Old Style", Palatino, serif`;
      pen.fillText(titles[label], 0, y, 21);
    }
  }

  /** The chosen stage, and how much is changed in each. */
  mark() {
    const { selection, edits } = this.session;
    for (const { element, spec } of this.#columns) {
      const mine = selection.stage === spec.name;
      element.classList.toggle('chosen', mine);
      const [button, mark] = [element.querySelector('button'), element.querySelector('button i')];
      button.setAttribute('aria-pressed', String(mine));
      const changes = [...changedMaps(edits, spec.name).values()].reduce((sum, count) => sum + count, 0);
      mark.hidden = changes === 0;
      mark.textContent = changes;
      button.title = changes ? `Open this stage; ${changes} changed` : 'Open this stage';
    }
  }

  /** Something was changed: a map of which that can't be seen gets a place. */
  changed() {
    this.mark();
    const unseen = ({ spec, sheet }) => spec.out_shape.length === 3
      && [...changedMaps(this.session.edits, spec.name).keys()].some((map) => !sheet.maps.includes(map));
    if (this.#columns.some(unseen)) this.rank();
  }

  // Marks on what is changed; frames: the chosen map, and what the cell that is looked at sees of this stage.
  #frames({ spec, sheet }) {
    const { selection, cell, edits } = this.session;
    for (const map of changedMaps(edits, spec.name).keys()) sheet.corner(map);
    if (spec.out_shape.length !== 3) return;
    if (selection.stage === spec.name && selection.map !== null) sheet.frame(selection.map, { style: '#fff' });
    const behind = this.#columns[this.#columns.findIndex((one) => one.spec === spec) + 1]?.spec;
    if (behind?.name !== cell.stage || cell.y === null || cell.y === undefined) return;
    const { rows, columns } = windowOf(behind, cell.y, cell.x) ?? {};
    if (!rows) return;
    for (const map of behind.kind === 'pool' ? [cell.map] : sheet.maps) sheet.frame(map, { rows, columns, style: '#fff', line: 1 });
  }

  #columnOf(event) {
    const element = event.target.closest?.('.strip-column');
    return this.#columns.find((column) => column.element === element);
  }

  #pointed(event) {
    const column = this.#columnOf(event);
    const at = column && event.target === column.canvas && column.spec.name !== 'softmax' ? column.sheet.at(event) : null;
    if (event.pointerType !== 'touch' && at && column.spec.out_shape.length === 3) {
      this.session.point({ stage: column.spec.name, ...at });
    } else if (event.pointerType !== 'touch') this.session.point(null);
    if (this.#hover?.column === column && this.#hover?.map === at?.map) return;
    this.#hover = { column, map: at?.map };
    this.#light();
  }

  #leave() {
    this.#hover = null;
    this.edges.replaceChildren();
    this.session.point(null);
  }

  // Lines from the maps of the stage before to what is under the mouse.
  #light() {
    this.edges.replaceChildren();
    const { column, map } = this.#hover ?? {};
    const at = this.#columns.indexOf(column);
    if (at < 1) return;
    const origin = this.element.getBoundingClientRect();
    const frame = ({ canvas, sheet, spec }, which) => {
      const box = canvas.getBoundingClientRect();
      const inner = which !== null && spec.out_shape.length === 3 ? sheet.box(which) : null;
      const { left, top, width, height } = inner ?? { left: 0, top: 0, width: box.width, height: box.height };
      return { left: box.left - origin.left + left, top: box.top - origin.top + top, width, height };
    };
    const to = frame(column, map ?? null);
    const before = this.#columns[at - 1];
    const sources = before.spec.out_shape.length !== 3 ? [null]
      : column.spec.kind === 'pool' && map !== undefined ? before.sheet.maps.filter((one) => one === map) : before.sheet.maps;
    for (const source of sources) {
      const from = frame(before, source);
      const [x0, y0] = [from.left + from.width, from.top + from.height / 2];
      const [x1, y1] = [to.left, to.top + to.height / 2];
      const path = document.createElementNS(EDGES, 'path');
      const middle = (x0 + x1) / 2;
      path.setAttribute('d', `M${x0} ${y0}C${middle} ${y0} ${middle} ${y1} ${x1} ${y1}`);
      this.edges.append(path);
    }
  }

  #clicked(event) {
    const column = this.#columnOf(event);
    if (!column) return;
    const stage = column.spec.name;
    const onCanvas = event.target === column.canvas;
    if (stage === 'softmax' && onCanvas) {
      const box = column.canvas.getBoundingClientRect();
      const count = column.spec.out_shape[0];
      const label = Math.min(count - 1, Math.max(0, Math.floor((event.clientY - box.top) / box.height * count)));
      this.session.select({ stage, map: label, y: 0, x: 0 });
    } else if (onCanvas && column.sheet.at(event)) {
      const at = column.sheet.at(event);
      this.session.select({ stage, map: at.map, y: at.y, x: at.x });
    } else this.session.select({ stage });
    if (event.pointerType === 'touch' || event.detail) this.#hover = { column, map: onCanvas ? column.sheet.at?.(event)?.map : undefined };
    this.#light();
  }

  /** The columns' canvases with their names, for a picture of the strip: [{short, shape, canvas}]. */
  pictures() {
    return this.#columns.map(({ spec, canvas }) => ({ short: spec.short, shape: spec.out_shape.join('×'), canvas }));
  }

  /** Lay the columns out again, for another width of the page. */
  resize() {
    if (this.#columns.length) this.#lay();
  }
}
