// How numbers are written and coloured in the Read page's panels, and the small pieces of page that they stand in.

import { scale } from './colours.js';

const written = (text) => text.replace('-', '−').replace('e+', 'e').replace('e-', 'e−');

/** A number in four figures, with a real minus sign; `figures`: another count of them. */
export function format(value, figures = 4) {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e6) return written(value.toExponential(Math.max(0, figures - 3)));
  return written(String(Number(value.toPrecision(figures))));
}

/** All that float32 holds of a number. */
export const exact = (value) => format(value, 8);

/** A number for a small cell: two decimals, no zero before the point. */
export function short(value) {
  const size = Math.abs(value);
  if (size >= 100) return written(value.toFixed(0));
  const text = value.toFixed(size >= 10 ? 1 : 2);
  return Number(text) === 0 ? '0' : written(text.replace(/^(-?)0\./, '$1.'));
}

/** "+ 0.5" or "− 0.5": a number that is added to what stands before it. */
export const added = (value) => (value < 0 ? `− ${format(-value)}` : `+ ${format(value)}`);

/** A number as a factor or summand within a formula: in brackets if it is negative. */
export const within = (value) => (value < 0 ? `(${format(value)})` : format(value));

export function percent(fraction) {
  if (fraction > 0 && fraction < 1e-5) return 'under 0.001 %';
  return `${(100 * fraction).toFixed(fraction > 0 && fraction < 0.001 ? 3 : 1)} %`;
}

/** [red, green, blue] of a value; `limit` is where the colours end. */
export function colour(value, limit) {
  const table = scale();
  const zero = (table.length - 1) / 2;
  const position = limit ? Math.max(-1, Math.min(1, value / limit)) : 0;
  const pixel = table[Math.round(zero + position * zero)];
  return [pixel & 255, pixel >> 8 & 255, pixel >> 16 & 255];
}

/** [red, green, blue] of ink: 0 is paper, 1 is black. */
export const grey = (value) => Array(3).fill(Math.round(255 * (1 - Math.min(1, Math.max(0, value)))));

/** Black or white, whichever can be read on this colour (WCAG's luminance; at 0.179 both do alike). */
export function inkOn(back) {
  const [red, green, blue] = back.map((v) => (v <= 10 ? v / 3294.6 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? '#000' : '#fff';
}

/** The largest magnitude of some numbers. */
export const most = (values) => values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);

/** An element: h('b.name', {title: '...', onclick, data: {key: 1}}, children). Text is never taken for HTML. */
export function h(name, props = {}, ...children) {
  const [tag, ...classes] = name.split('.');
  const made = document.createElement(tag);
  if (classes.length) made.className = classes.join(' ');
  for (const [key, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === 'data') Object.assign(made.dataset, value);
    else if (key.startsWith('on') || key in FIELDS) made[key] = value;
    else made.setAttribute(key, value === true ? '' : value);
  }
  made.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}
const FIELDS = { value: 0, checked: 0, disabled: 0, hidden: 0, open: 0, tabIndex: 0, textContent: 0 };

/** A button of the page's own kind. */
export const button = (text, onclick, props = {}) => h('button.tool', { type: 'button', onclick, ...props }, text);

/** A picture of rows x columns values, one pixel a value; `look` gives the colour of one: [red, green, blue, alpha = 255]. */
export function thumb(values, rows, columns, look, props = {}) {
  const canvas = h('canvas.thumb', { width: columns, height: rows, role: 'img', ...props });
  const pen = canvas.getContext('2d');
  const image = pen.createImageData(columns, rows);
  for (let i = 0; i < rows * columns; i++) {
    const [red, green, blue, alpha = 255] = look(values[i], i);
    image.data.set([red, green, blue, alpha], 4 * i);
  }
  pen.putImageData(image, 0, 0);
  return canvas;
}

/** How colours are given to some values: ink on paper for the image, else warm and cold up to their largest. */
export function colouring(values, ink = false) {
  if (ink) return grey;
  const limit = most(values);
  return (value) => colour(value, limit);
}
