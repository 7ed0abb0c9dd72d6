// A map and a kernel of the chosen network instead of the page's own: the first part of convolution.js's script.
// The Read page gives them (read/ideas_link.js): {picture, ink, kernel, stride, padding, bias, name, note}.
const GIVEN = 'fontdemo-ideas'; // where in the browser's session storage, and the event that tells of it
const READABLE = 5; // a kernel of more columns is shown by its colours
let given = null; // what was given last

const rimmed = (look) => (value, r, c) => ({ ...look(value, r, c), kind: paper(chosen.padding)(value, r, c).kind });

// A number that there is no room for: its colour, and the number where one points.
function tinted(cell, value, all) {
  const back = colour(value, Math.max(...all.map(Math.abs)));
  Object.assign(cell.style, { background: `rgb(${back})`, color: ink(back) });
  [cell.textContent, cell.title] = [side <= READABLE ? format(value) : '', format(value, 4)];
}

// Fields for a kernel of this side; a kernel too large for numbers is shown by its colours.
function fields(wide) {
  if (wide === side) return;
  side = wide;
  part('weights').replaceChildren(...Array.from({ length: side * side }, (_, i) => {
    const field = document.createElement(side <= READABLE ? 'input' : 'i');
    if (side <= READABLE) Object.assign(field, { type: 'number', step: 'any' });
    field.dataset.weight = i;
    field.setAttribute(side <= READABLE ? 'aria-label' : 'title', `Kernel, row ${Math.floor(i / side) + 1}, column ${i % side + 1}`);
    return field;
  }));
  weights = [...lab.querySelectorAll('[data-weight]')];
  lab.style.setProperty('--side', side);
  lab.classList.toggle('lab-tight', side > OWN);
  part('kernel-size').textContent = `Kernel ${side}×${side}`;
}

// Take what the Read page gives: a map, or a piece of one, of the chosen network, with a kernel of it.
function take() {
  let text = null;
  try { text = sessionStorage.getItem(GIVEN); sessionStorage.removeItem(GIVEN); } catch { /* no storage, nothing given */ }
  if (!text) return false;
  given = JSON.parse(text);
  const { picture, stride, padding, bias, name } = given;
  pictures.network = picture;
  const option = set('picture').querySelector('[value=network]');
  option.hidden = false;
  option.textContent = name;
  Object.assign(chosen, { picture: 'network', stride, padding, bias });
  for (const key of ['picture', 'stride', 'padding', 'bias']) {
    const field = set(key);
    if (field.options && ![...field.options].some(({ value }) => value === String(chosen[key]))) field.add(new Option(chosen[key]));
    field.value = chosen[key];
  }
  fields(Math.sqrt(given.kernel.length));
  given.kernel.forEach((weight, i) => {
    if (side <= READABLE) weights[i].value = Number(weight.toPrecision(4));
    else tinted(weights[i], weight, given.kernel);
  });
  kernel = side <= READABLE ? weights.map((field) => Number(field.value)) : given.kernel;
  set('preset').value = 'own';
  part('note').textContent = given.note;
  stop();
  walking = false;
  const [high, wide] = [picture.length, columns(picture)].map((size) => Math.floor((size + 2 * padding - side) / stride) + 1);
  const [row, column] = given.at;
  [at, pooledAt] = given.pool ? [0, row * Math.floor(wide / WINDOW) + column] : [Math.min(row, high - 1) * wide + Math.min(column, wide - 1), 0];
  return true;
}
