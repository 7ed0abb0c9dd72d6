// Convolution, padding and pooling, run once by gr.HTML with: element, props, watch. All is computed here, in the page.
// given.js stands before it in one script. props.value is JSON of the person's own drawing as rows of values from 0 (paper) to 1 (ink), or "".
const lab = element.querySelector('.conv-lab');
const part = (name) => lab.querySelector(`[data-part="${name}"]`);
const set = (name) => lab.querySelector(`[data-set="${name}"]`);
const colours = JSON.parse(lab.dataset.scale).map((c) => [1, 3, 5].map((i) => parseInt(c.slice(i, i + 2), 16)));
const OWN = 3; // side of the kernels that can be chosen here
const WINDOW = 2; // of the pooling, and its stride
const pictures = { report: JSON.parse(lab.dataset.picture), drawing: null, network: null };
let weights = [...lab.querySelectorAll('[data-weight]')];
let side = OWN; // of the kernel
const chosen = { picture: 'report', stride: 1, padding: 0, bias: 0 };
let kernel = []; // its numbers, row after row
let result = [], padded = [];
let at = 0; // the cell of the result under the kernel, row after row
let walking = false; // cells behind `at` are not computed yet
let pooledAt = 0;
let timer = null;

// Numbers: at most two decimals, a real minus sign.
const format = (v, digits = 2) => String(Number(v.toFixed(digits)) || 0).replace('-', '−');
const term = (v) => (v < 0 ? `− ${format(-v)}` : `+ ${format(v)}`);
const columns = (grid) => grid[0].length;

function colour(value, limit) {
  const position = (limit ? Math.max(-1, Math.min(1, value / limit)) : 0) * 0.5 + 0.5;
  const step = position * (colours.length - 1);
  const low = Math.min(colours.length - 2, Math.floor(step));
  return colours[low].map((v, i) => Math.round(v + (step - low) * (colours[low + 1][i] - v)));
}

function convolve() {
  const { stride, padding, bias } = chosen;
  const picture = pictures[chosen.picture];
  const empty = (n) => Array(n).fill(0);
  const widened = (row) => [...empty(padding), ...row, ...empty(padding)];
  const rim = Array.from({ length: padding }, () => empty(columns(picture) + 2 * padding));
  padded = [...rim, ...picture.map(widened), ...rim];
  const reach = (size) => Math.floor((size - side) / stride) + 1;
  result = Array.from({ length: reach(padded.length) }, (_, r) => Array.from({ length: reach(columns(padded)) }, (_, c) =>
    windowAt(padded, r * stride, c * stride, side).reduce((sum, value, i) => sum + value * kernel[i], bias)));
}

const windowAt = (grid, row, column, wide) =>
  Array.from({ length: wide * wide }, (_, i) => grid[row + Math.floor(i / wide)][column + i % wide]);

const POOLS = {
  max: (values) => Math.max(...values),
  average: (values) => values.reduce((a, b) => a + b, 0) / values.length,
  min: (values) => Math.min(...values),
};
const pool = (kind) => Array.from({ length: Math.floor(result.length / WINDOW) }, (_, r) =>
  Array.from({ length: Math.floor(columns(result) / WINDOW) }, (_, c) =>
    POOLS[kind](windowAt(result, r * WINDOW, c * WINDOW, WINDOW))));

// A grid of cells, made anew only when its size changes. look(value, r, c): { back, ink, kind }.
function paint(host, grid, look) {
  const size = `${grid.length}x${columns(grid)}`;
  if (host.dataset.size !== size) {
    host.dataset.size = size;
    host.style.setProperty('--columns', columns(grid));
    host.replaceChildren(...grid.flatMap((row, r) => row.map((_, c) => {
      const cell = document.createElement('i');
      cell.style.gridArea = `${r + 1} / ${c + 1}`;
      [cell.dataset.row, cell.dataset.column] = [r, c];
      return cell;
    })), Object.assign(document.createElement('b'), { className: 'grid-window' }));
  }
  grid.flat().forEach((value, i) => {
    const { back, ink, kind, blank } = look(value, Math.floor(i / columns(grid)), i % columns(grid));
    const cell = host.children[i];
    cell.className = kind || '';
    cell.dataset.value = value;
    cell.textContent = blank ? '' : format(value, 1);
    Object.assign(cell.style, { background: blank ? '' : `rgb(${back})`, color: ink });
  });
}

function frame(host, row, column, wide) {
  host.lastChild.style.gridArea = `${row + 1} / ${column + 1} / span ${wide} / span ${wide}`;
}

// Black or white, whichever stands out more (WCAG's luminance; at 0.179 both do alike, 4.58 to 1).
function ink(back) {
  const [red, green, blue] = back.map((v) => (v <= 10 ? v / 3294.6 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? '#000' : '#fff';
}

const paper = (rim) => (value, r, c) => {
  const inside = r >= rim && c >= rim && r < padded.length - rim && c < columns(padded) - rim;
  const grey = Math.round(255 * (1 - value));
  return { back: [grey, grey, grey], ink: ink([grey, grey, grey]), kind: inside ? '' : 'grid-rim' };
};
function warm(grid, blank = () => false) {
  const limit = Math.max(...grid.flat().map(Math.abs));
  return (value, r, c) => {
    const back = colour(value, limit);
    return { back, ink: ink(back), blank: blank(r, c), kind: blank(r, c) ? 'grid-blank' : '' };
  };
}

// What hangs on the cell under the kernel alone.
function point() {
  const { stride, padding, bias } = chosen;
  const [r, c] = [Math.floor(at / columns(result)), at % columns(result)];
  paint(part('result'), result, warm(result, (row, column) => walking && row * columns(result) + column > at));
  frame(part('picture'), r * stride, c * stride, side);
  frame(part('result'), r, c, 1);
  const values = windowAt(padded, r * stride, c * stride, side);
  part('products').replaceChildren(...values.map((value, i) => {
    const cell = document.createElement('i');
    cell.dataset.value = value * kernel[i];
    if (side <= OWN) cell.innerHTML = `<small>${format(value, 1)} × ${format(kernel[i])}</small>${format(value * kernel[i])}`;
    else tinted(cell, value * kernel[i], values.map((other, n) => other * kernel[n]));
    return cell;
  }));
  const sum = result[r][c];
  const products = values.map((value, i) => value * kernel[i]);
  const written = side <= OWN ? `${format(products[0])} ${products.slice(1).map(term).join(' ')}`
    : `${products.length} products that add up to ${format(sum - bias, 3)}`;
  part('sum').innerHTML = `<span>Row ${r + 1}, column ${c + 1}:</span> ${written} `
    + `<em>${term(bias)} bias</em> = <b>${format(sum)}</b>`;
  Object.assign(part('sum').dataset, { row: r, column: c, value: sum });
  lab.querySelector('[data-do=back]').disabled = at === 0;
  lab.querySelector('[data-do=step]').disabled = at === result.flat().length - 1;
}

function pointPool() {
  const wide = Math.floor(columns(result) / WINDOW);
  const [r, c] = [Math.floor(pooledAt / wide), pooledAt % wide];
  const values = windowAt(result, r * WINDOW, c * WINDOW, WINDOW);
  frame(part('pooled'), r * WINDOW, c * WINDOW, WINDOW);
  for (const kind of Object.keys(POOLS)) frame(part(kind), r, c, 1);
  part('pool-sum').innerHTML = `<span>Row ${r + 1}, column ${c + 1}:</span> of ${values.map((v) => format(v)).join(', ')} `
    + Object.keys(POOLS).map((kind) => `the ${kind === 'average' ? 'average' : `${kind}imum`} is <b>${format(POOLS[kind](values))}</b>`).join(', ');
}

function sized(size, { stride, padding }) {
  const whole = `${padding ? `(${size}+2×${padding})` : size}-(${side}-${stride})`;
  const reach = size + 2 * padding - side + stride;
  if (stride === 1) return `${whole}=${reach}`;
  return reach % stride ? `⌊(${whole})/${stride}⌋=${Math.floor(reach / stride)}` : `(${whole})/${stride}=${reach / stride}`;
}
const by = (grid) => `${grid.length}×${columns(grid)}`;

function renew() {
  if (!pictures[chosen.picture]) chosen.picture = set('picture').value = 'report';
  convolve();
  lab.classList.toggle('lab-wide', chosen.picture !== 'report');
  lab.classList.toggle('lab-padded', chosen.padding > 0);
  // How many cells stand side by side, by which the style sheet reckons their size.
  const abreast = { picture: columns(padded), row: columns(padded) + columns(result), result: columns(result) };
  for (const [name, count] of Object.entries(abreast)) lab.style.setProperty(`--${name}`, count);
  at = Math.min(at, result.flat().length - 1);
  const picture = pictures[chosen.picture];
  paint(part('picture'), padded, chosen.picture === 'network' && !given.ink ? rimmed(warm(padded)) : paper(chosen.padding));
  part('picture-size').textContent = `Picture ${by(picture)}${chosen.padding ? `, padded to ${by(padded)}` : ''}`;
  part('result-size').textContent = `Result ${by(result)}`;
  part('sizes').innerHTML = `<div><dt>Rows</dt><dd>${sized(picture.length, chosen)}</dd></div>`
    + `<div><dt>Columns</dt><dd>${sized(columns(picture), chosen)}</dd></div>`;
  paint(part('pooled'), result, warm(result));
  part('pooled-size').textContent = `Result ${by(result)}`;
  for (const kind of Object.keys(POOLS)) {
    const grid = pool(kind);
    paint(part(kind), grid, warm(result)); // the same colours as before the pooling
    part(`${kind}-size`).textContent = `${kind[0].toUpperCase()}${kind.slice(1)} ${by(grid)}`;
  }
  pooledAt = Math.min(pooledAt, pool('max').flat().length - 1);
  point();
  pointPool();
}

function stop() {
  clearInterval(timer);
  timer = null;
  lab.querySelector('[data-do=play]').textContent = 'Play';
  part('sum').setAttribute('aria-live', 'polite');
}
function step() {
  walking = true;
  if (at + 1 < result.flat().length) at++;
  if (at + 1 === result.flat().length) stop();
  point();
}
const actions = {
  first() { stop(); [at, walking] = [0, true]; point(); },
  back() { stop(); walking = true; at = Math.max(0, at - 1); point(); },
  step() { stop(); step(); },
  play() {
    if (timer) { stop(); return; }
    if (!walking || at + 1 === result.flat().length) at = 0;
    walking = true;
    point();
    part('sum').setAttribute('aria-live', 'off'); // nobody can listen that fast
    lab.querySelector('[data-do=play]').textContent = 'Pause';
    timer = setInterval(() => (lab.isConnected ? step() : stop()), 160);
  },
};
lab.addEventListener('click', (event) => actions[event.target.closest('[data-do]')?.dataset.do]?.());

// Choosing a cell: with the mouse by moving over it, with a finger by touching, with the arrow keys.
const live = { result: (i) => { at = i; point(); }, max: null, average: null, min: null };
for (const name of Object.keys(live)) {
  const go = live[name] ?? ((i) => { pooledAt = i; pointPool(); });
  const host = part(name);
  const choose = (event) => {
    const cell = event.target.closest('i');
    if (!cell || (event.type === 'pointermove' && (event.pointerType === 'touch' || (name === 'result' && (timer || walking))))) return;
    if (name === 'result') { stop(); walking = false; }
    go(Number(cell.dataset.row) * Number(host.style.getPropertyValue('--columns')) + Number(cell.dataset.column));
  };
  host.addEventListener('pointermove', choose);
  host.addEventListener('click', choose);
  host.addEventListener('keydown', (event) => {
    const wide = Number(host.style.getPropertyValue('--columns'));
    const count = host.children.length - 1;
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -wide, ArrowDown: wide }[event.key];
    if (!by) return;
    event.preventDefault();
    if (name === 'result') { stop(); walking = false; }
    const to = (name === 'result' ? at : pooledAt) + by;
    if (to >= 0 && to < count) go(to);
  });
}

// Settings. A field that is being typed in may be empty for a moment: it counts as 0.
function readKernel() { kernel = weights.map((field) => Number(field.value) || 0); }
function takePreset() {
  const option = set('preset').selectedOptions[0];
  if (!option.dataset.kernel) return;
  fields(OWN);
  JSON.parse(option.dataset.kernel).flat().forEach((weight, i) => { weights[i].value = weight; });
  readKernel();
}
lab.addEventListener('input', (event) => {
  const { set: name, weight } = event.target.dataset;
  if (weight !== undefined) { readKernel(); set('preset').value = 'own'; }
  else if (name === 'preset') takePreset();
  else if (name === 'picture') {
    part('note').textContent = pictures[event.target.value] ? '' : 'Draw a character in the Read tab first; then it can be chosen here.';
    chosen.picture = event.target.value;
    stop();
    [at, walking] = [0, false];
  } else if (name) { chosen[name] = Number(event.target.value) || 0; stop(); walking = false; }
  renew();
});
function receive() {
  const drawing = JSON.parse(props.value || 'null');
  pictures.drawing = drawing;
  if (drawing) part('note').textContent = '';
  renew();
}
watch('value', receive);
window.addEventListener(GIVEN, () => { if (lab.isConnected && take()) renew(); });
takePreset();
take();
receive();
