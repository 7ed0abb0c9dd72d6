// Some maps of a stage on one canvas: rows of maps, each value a crisp square. Knows where each cell lies.

import { colour } from './colours.js';

export class Sheet {
  #native = document.createElement('canvas'); // one pixel a value, no gaps
  #layout = null;

  /** @param {HTMLCanvasElement} canvas what it draws on */
  constructor(canvas) {
    this.canvas = canvas;
  }

  /**
   * Where the maps lie. maps: their numbers, in order; height, width: values of a map; zoom: CSS pixels a value;
   * gap: CSS pixels between maps (0: the sheet is one picture).
   */
  layout({ maps, columns, height, width, zoom, gap }) {
    const rows = Math.ceil(maps.length / columns);
    const layout = { maps, columns, rows, height, width, zoom, gap, ratio: window.devicePixelRatio || 1 };
    const same = this.#layout && Object.keys(layout).every((key) => `${layout[key]}` === `${this.#layout[key]}`);
    if (same) return;
    this.#layout = layout;
    this.#native.width = columns * width;
    this.#native.height = rows * height;
    this.pixels = this.#native.getContext('2d').createImageData(columns * width, rows * height);
    const [across, down] = [columns * (width * zoom + gap) - gap, rows * (height * zoom + gap) - gap];
    Object.assign(this.canvas.style, { width: `${across}px`, height: `${down}px` });
    this.canvas.width = Math.round(across * layout.ratio);
    this.canvas.height = Math.round(down * layout.ratio);
    this.size = { width: across, height: down };
  }

  get maps() {
    return this.#layout?.maps ?? [];
  }

  /** Draw. values: of the whole stage, map after map; limit(map): the end of its scale; off: maps that are switched off. */
  paint(values, limit, off = []) {
    const { maps, columns, rows, height, width, zoom, gap, ratio } = this.#layout;
    const pixels = new Uint32Array(this.pixels.data.buffer);
    const native = this.#native.getContext('2d');
    const across = columns * width;
    maps.forEach((map, index) => {
      const corner = Math.floor(index / columns) * height * across + index % columns * width;
      const end = limit(map);
      for (let y = 0; y < height; y++) {
        colour(values, (map * height + y) * width, pixels, corner + y * across, width, end);
      }
    });
    native.putImageData(this.pixels, 0, 0);
    const pen = this.canvas.getContext('2d');
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.imageSmoothingEnabled = zoom * ratio < 1;
    pen.clearRect(0, 0, this.size.width, this.size.height);
    if (gap === 0) {
      pen.drawImage(this.#native, 0, 0, across, rows * height, 0, 0, this.size.width, this.size.height);
    } else {
      maps.forEach((map, index) => {
        const [column, row] = [index % columns, Math.floor(index / columns)];
        const box = this.box(map);
        pen.drawImage(this.#native, column * width, row * height, width, height, box.left, box.top, box.width, box.height);
      });
    }
    for (const map of off) if (maps.includes(map)) this.#cross(pen, this.box(map));
  }

  // A map that is switched off: dark, with a line through it.
  #cross(pen, { left, top, width, height }) {
    pen.fillStyle = 'rgb(60 56 50 / .75)';
    pen.fillRect(left, top, width, height);
    pen.strokeStyle = '#f79c45';
    pen.lineWidth = Math.max(1, Math.min(width, height) / 14);
    pen.beginPath();
    pen.moveTo(left + 1, top + height - 1);
    pen.lineTo(left + width - 1, top + 1);
    pen.stroke();
  }

  /** A mark in a map's corner: something of it is changed. */
  corner(map) {
    const box = this.box(map);
    if (!box) return;
    const side = Math.min(10, box.width, box.height);
    const [right, top] = [box.left + box.width, box.top];
    const pen = this.canvas.getContext('2d');
    pen.fillStyle = '#f79c45';
    pen.beginPath();
    pen.moveTo(right, top);
    pen.lineTo(right - side, top);
    pen.lineTo(right, top + side);
    pen.fill();
  }

  /** A frame around a rectangle of a map's values; without rows and columns around the map. */
  frame(map, { rows = null, columns = null, style = '#fff', line = 2 } = {}) {
    const box = this.box(map);
    if (!box) return;
    const { zoom, height, width } = this.#layout;
    const [top, bottom] = (rows ?? [0, height]).map((y) => Math.min(height, Math.max(0, y)));
    const [left, right] = (columns ?? [0, width]).map((x) => Math.min(width, Math.max(0, x)));
    const pen = this.canvas.getContext('2d');
    pen.strokeStyle = style;
    pen.lineWidth = line;
    const [x, y] = [box.left + left * zoom, box.top + top * zoom];
    const [w, h] = [(right - left) * zoom, (bottom - top) * zoom];
    // Inside the map, so that nothing of it is cut off at the canvas' edge; around a cell that is smaller than the line.
    const inside = Math.min(w, h) > 3 * line ? line / 2 : -line / 2;
    pen.strokeRect(x + inside, y + inside, w - 2 * inside, h - 2 * inside);
  }

  /** Where a map lies, in CSS pixels of the canvas; null if it is not shown. */
  box(map) {
    const index = this.maps.indexOf(map);
    if (index < 0) return null;
    const { columns, height, width, zoom, gap } = this.#layout;
    return {
      left: index % columns * (width * zoom + gap), top: Math.floor(index / columns) * (height * zoom + gap),
      width: width * zoom, height: height * zoom,
    };
  }

  /** The cell under a pointer: {map, y, x}; null beside the maps. */
  at(event) {
    if (!this.#layout) return null;
    const { maps, columns, height, width, zoom, gap } = this.#layout;
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const [column, row] = [Math.floor(x / (width * zoom + gap)), Math.floor(y / (height * zoom + gap))];
    const map = column >= 0 && column < columns && row >= 0 ? maps[row * columns + column] : undefined;
    if (map === undefined) return null;
    const inside = (at, each, count) => Math.min(count - 1, Math.floor((at % (each * zoom + gap)) / zoom));
    return { map, y: inside(y, height, height), x: inside(x, width, width) };
  }
}

/** The largest zoom and the columns with which `count` maps of height x width fit into a box of CSS pixels. */
export function fitting(count, height, width, box, { gap = 2, most = 24 } = {}) {
  const fits = (zoom) => {
    const columns = Math.min(count, Math.floor((box.width + gap) / (width * zoom + gap)));
    const rows = columns > 0 ? Math.ceil(count / columns) : Infinity;
    return rows * (height * zoom + gap) - gap <= box.height ? columns : 0;
  };
  for (let zoom = most; zoom >= 1; zoom--) if (fits(zoom)) return { zoom, columns: fits(zoom), gap };
  for (let zoom = 0.95; zoom > 0.2; zoom -= 0.05) if (fits(zoom)) return { zoom, columns: fits(zoom), gap };
  return { zoom: 0.2, columns: Math.max(1, Math.floor((box.width + gap) / (width * 0.2 + gap))), gap };
}
