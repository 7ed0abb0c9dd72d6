// The activations with their derivatives, run once by gr.HTML with: element.
const part = (name) => element.querySelector(`[data-part="${name}"]`);
const set = (name) => element.querySelector(`[data-set="${name}"]`);
const SVG = 'http://www.w3.org/2000/svg';
const END = 6; // the plots reach from -END to END
const PLOT = { left: 42, top: 8, right: 432, bottom: 278 };
const sigmoid = (x) => 1 / (1 + Math.exp(-x));
const format = (value, digits = 3) => String(Number(value.toFixed(digits)) || 0).replace('-', '−');

// value and slope of x and alpha; low and high: ends of the plots' scales; alpha: least, most, step, at first.
// breaks: the slope jumps at 0. form, slopeForm: how they are written, with the numbers of x put in.
const FUNCTIONS = {
  silu: {
    name: 'SiLU', value: (x) => x * sigmoid(x), slope: (x) => sigmoid(x) * (1 + x * (1 - sigmoid(x))),
    form: () => 'x · σ(x)', numbers: (x) => `${format(x)} · ${format(sigmoid(x))}`,
    slopeForm: () => 'σ(x) · (1 + x · (1 − σ(x)))',
    about: 'A smooth ReLU that dips a little below 0; its derivative never gets stuck at 0 or 1.',
  },
  elu: {
    name: 'ELU', alpha: [0.1, 2, 0.05, 1], breaks: true,
    value: (x, a) => (x > 0 ? x : a * (Math.exp(x) - 1)), slope: (x, a) => (x > 0 ? 1 : a * Math.exp(x)),
    form: (x) => (x > 0 ? 'x' : 'α · (eˣ − 1)'), numbers: (x, a) => (x > 0 ? '' : `${format(a)} · (${format(Math.exp(x))} − 1)`),
    slopeForm: (x) => (x > 0 ? '1' : 'α · eˣ'),
    about: 'x above 0; below it an exponential that levels out at −α. With α = 1 there is no corner at 0.',
  },
  relu: {
    name: 'ReLU', breaks: true, value: (x) => Math.max(0, x), slope: (x) => (x > 0 ? 1 : 0),
    form: (x) => (x > 0 ? 'x' : '0'), numbers: () => '', slopeForm: (x) => (x > 0 ? '1' : '0'),
    about: 'x above 0, nothing below. A unit that stays below 0 stops learning.',
  },
  leaky_relu: {
    name: 'LeakyReLU', alpha: [0, 0.5, 0.01, 0.01], breaks: true,
    value: (x, a) => (x > 0 ? x : a * x), slope: (x, a) => (x > 0 ? 1 : a),
    form: (x) => (x > 0 ? 'x' : 'α · x'), numbers: (x, a) => (x > 0 ? '' : `${format(a)} · ${format(x)}`),
    slopeForm: (x) => (x > 0 ? '1' : 'α'),
    about: 'ReLU with a slight slope α below 0 (0.01 by default), so that some gradient always gets through.',
  },
  sigmoid: {
    name: 'Sigmoid', low: -0.25, high: 1.25, value: sigmoid, slope: (x) => sigmoid(x) * (1 - sigmoid(x)),
    form: () => '1 / (1 + e⁻ˣ)', numbers: (x) => `1 / (1 + ${format(Math.exp(-x))})`, slopeForm: () => 'σ(x) · (1 − σ(x))',
    about: 'Squeezes every number into 0 to 1. The report puts it behind the second fully connected layer.',
  },
};
const alphas = Object.fromEntries(Object.entries(FUNCTIONS).map(([key, { alpha }]) => [key, alpha ? alpha[3] : 1]));
let chosen = 'silu';

function scales(kind) {
  const { low = -2, high = 6 } = FUNCTIONS[chosen];
  return kind === 'value' ? [low, high] : [-0.25, chosen === 'elu' && alphas.elu > 1 ? 2.25 : 1.25];
}
const across = (x) => PLOT.left + (x + END) / (2 * END) * (PLOT.right - PLOT.left);
const up = (kind, y) => {
  const [low, high] = scales(kind);
  return PLOT.bottom - (y - low) / (high - low) * (PLOT.bottom - PLOT.top);
};

// A curve as one path, or as two where it jumps at 0.
function path(kind, key) {
  const f = FUNCTIONS[key];
  const line = (from, to) => Array.from({ length: 121 }, (_, i) => {
    // Just beside 0, not on it, which belongs to the left.
    const x = from + (to - from) * i / 120 || (to > 0 ? 1e-9 : -1e-9);
    return `${i ? 'L' : 'M'}${across(x).toFixed(2)} ${up(kind, f[kind](x, alphas[key])).toFixed(2)}`;
  }).join('');
  return f.breaks ? line(-END, 0) + line(0, END) : line(-END, END);
}

function add(host, name, attributes, text) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  host.append(node);
  return node;
}

function plot(kind) {
  const host = element.querySelector(`[data-chart=${kind}]`);
  host.replaceChildren();
  const [low, high] = scales(kind);
  const clip = add(host, 'clipPath', { id: `plot-${kind}` });
  add(clip, 'rect', { x: PLOT.left, y: PLOT.top, width: PLOT.right - PLOT.left, height: PLOT.bottom - PLOT.top });
  for (let x = -END; x <= END; x += 2) {
    add(host, 'line', { class: x ? 'plot-line' : 'plot-axis', x1: across(x), x2: across(x), y1: PLOT.top, y2: PLOT.bottom });
    add(host, 'text', { x: across(x), y: PLOT.bottom + 16, 'text-anchor': 'middle' }, format(x));
  }
  const tick = high - low > 4 ? 2 : high - low > 2 ? 0.5 : 0.25;
  for (let y = Math.ceil(low / tick) * tick; y <= high; y += tick) {
    add(host, 'line', { class: y ? 'plot-line' : 'plot-axis', x1: PLOT.left, x2: PLOT.right, y1: up(kind, y), y2: up(kind, y) });
    add(host, 'text', { x: PLOT.left - 6, y: up(kind, y) + 4, 'text-anchor': 'end' }, format(y, 2));
  }
  const curves = add(host, 'g', { 'clip-path': `url(#plot-${kind})` });
  for (const key of Object.keys(FUNCTIONS)) if (key !== chosen) add(curves, 'path', { class: 'plot-other', d: path(kind, key) });
  add(curves, 'path', { class: `plot-${kind}`, d: path(kind, chosen) });
  add(host, 'line', { class: 'plot-guide', y1: PLOT.top, y2: PLOT.bottom });
  add(host, 'circle', { class: `plot-dot plot-dot-${kind}`, r: 5.5 });
}

function read() {
  const f = FUNCTIONS[chosen];
  const [x, a] = [Number(set('x').value), alphas[chosen]];
  const [value, slope] = [f.value(x, a), f.slope(x, a)];
  for (const [kind, y] of [['value', value], ['slope', slope]]) {
    const host = element.querySelector(`[data-chart=${kind}]`);
    for (const [name, v] of [['x1', across(x)], ['x2', across(x)]]) host.querySelector('.plot-guide').setAttribute(name, v);
    host.querySelector('circle').setAttribute('cx', across(x));
    host.querySelector('circle').setAttribute('cy', up(kind, y));
  }
  part('x').textContent = format(x, 2);
  part('value-name').textContent = `${f.name}(x)`;
  part('slope-name').textContent = `${f.name}′(x)`;
  const chain = (...terms) => terms.filter((term, i) => term && term !== terms[i - 1]).join(' = ');
  part('value').textContent = chain(f.form(x), f.numbers(x, a), format(value));
  part('slope').textContent = chain(f.slopeForm(x), format(slope));
  Object.assign(element.querySelector('.lab').dataset, { function: chosen, x, alpha: a, value, slope });
}

function renew() {
  const f = FUNCTIONS[chosen];
  for (const button of element.querySelectorAll('[data-function]')) {
    button.setAttribute('aria-pressed', button.dataset.function === chosen);
  }
  part('about').textContent = f.about;
  part('value-caption').textContent = `${f.name}; the others in grey`;
  part('slope-caption').textContent = `Its derivative ${f.name}′`;
  const slider = set('alpha');
  [slider.min, slider.max, slider.step] = f.alpha ?? [0, 1, 0.1];
  slider.value = alphas[chosen];
  slider.disabled = !f.alpha;
  part('alpha-field').classList.toggle('lab-off', !f.alpha);
  part('alpha').textContent = f.alpha ? format(alphas[chosen], 2) : 'none';
  plot('value');
  plot('slope');
  read();
}

element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-function]');
  if (button) { chosen = button.dataset.function; renew(); }
});
set('x').addEventListener('input', read);
set('alpha').addEventListener('input', (event) => { alphas[chosen] = Number(event.target.value); renew(); });

// x follows a pointer that is pressed on a plot; a finger that moves up or down scrolls the page.
for (const host of element.querySelectorAll('[data-chart]')) {
  const follow = (event) => {
    if (event.type === 'pointermove' && !host.hasPointerCapture(event.pointerId)) return;
    if (event.type === 'pointerdown') host.setPointerCapture(event.pointerId);
    const box = host.getBoundingClientRect();
    const position = (event.clientX - box.left) / box.width * 440;
    set('x').value = (position - PLOT.left) / (PLOT.right - PLOT.left) * 2 * END - END;
    read();
  };
  host.addEventListener('pointerdown', follow);
  host.addEventListener('pointermove', follow);
}
renew();
