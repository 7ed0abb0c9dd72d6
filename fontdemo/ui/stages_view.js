// The stages view: a click on a map opens it large. Run once by gr.HTML with: element, watch.
// All maps of a stage are one picture, one pixel a value; data-* of its button say where each map lies in it.
const viewer = document.createElement('dialog');
viewer.className = 'map-viewer';
viewer.innerHTML = `
  <header><h3></h3><button type="button" data-go="close" aria-label="Close" title="Close (Esc)">×</button></header>
  <div class="map-body">
    <div class="map-large"><canvas role="img"></canvas><span class="map-cell" hidden></span></div>
    <figure class="map-field"><canvas width="200" height="200" role="img" aria-label="The input image"></canvas>
      <figcaption></figcaption></figure>
  </div>
  <footer>
    <button type="button" data-go="-1" aria-label="Previous map" title="Previous map (←)">←</button>
    <div class="map-legend"></div>
    <button type="button" data-go="1" aria-label="Next map" title="Next map (→)">→</button>
  </footer>`;
const large = viewer.querySelector('.map-large canvas');
const cell = viewer.querySelector('.map-cell');
const field = viewer.querySelector('.map-field');
const POINT = 'Point at a cell to see which part of the input it looks at.';
let shown = null; // { stage, index }

const sheet = (stage) => element.querySelector(`.sheet[data-stage="${CSS.escape(stage)}"]`);
const numbers = (button) => Object.fromEntries(
  ['count', 'columns', 'width', 'height', 'gap'].map((name) => [name, Number(button.dataset[name])]));

// The map under a point of the screen; the nearest one where the point is in a gap.
function indexAt(button, event) {
  const { count, columns, width, height, gap } = numbers(button);
  const image = button.querySelector('img');
  const box = image.getBoundingClientRect();
  const x = (event.clientX - box.left) / box.width * image.naturalWidth;
  const y = (event.clientY - box.top) / box.height * image.naturalHeight;
  const column = Math.min(columns - 1, Math.max(0, Math.floor((x - gap / 2) / (width + gap))));
  const row = Math.max(0, Math.floor((y - gap / 2) / (height + gap)));
  return Math.min(count - 1, row * columns + column);
}

function corner(button, index) {
  const { columns, width, height, gap } = numbers(button);
  return [gap + index % columns * (width + gap), gap + Math.floor(index / columns) * (height + gap)];
}

async function draw() {
  if (!shown) return;
  const button = sheet(shown.stage);
  if (!button) { viewer.close(); return; } // another network has no such stage
  const { count, width, height } = numbers(button);
  shown.index = (shown.index + count) % count;
  const image = button.querySelector('img');
  await image.decode().catch(() => {});
  if (!shown) return;
  const zoom = Math.max(1, Math.floor(576 / Math.max(width, height)));
  [large.width, large.height] = [width * zoom, height * zoom];
  const pen = large.getContext('2d');
  pen.imageSmoothingEnabled = false;
  pen.drawImage(image, ...corner(button, shown.index), width, height, 0, 0, large.width, large.height);
  const title = `${button.dataset.title}, map ${shown.index + 1} of ${count}`;
  viewer.querySelector('h3').textContent = title;
  large.setAttribute('aria-label', `${title}, ${width} by ${height} values`);
  const legend = button.closest('figure').querySelector('figcaption');
  viewer.querySelector('.map-legend').innerHTML = legend ? legend.innerHTML : '';
  sees(null);
}

// What a cell sees of the input, from data-start, -step and -size of its stage, the same along both sides.
function sees(at) {
  const button = shown && sheet(shown.stage);
  const input = element.querySelector('.sheet-ink img');
  field.hidden = !button?.dataset.size || !input;
  cell.hidden = field.hidden || !at;
  if (field.hidden) return;
  const pen = field.querySelector('canvas').getContext('2d');
  const zoom = pen.canvas.width / input.naturalWidth;
  pen.imageSmoothingEnabled = false;
  pen.drawImage(input, 0, 0, pen.canvas.width, pen.canvas.height);
  field.querySelector('figcaption').textContent = POINT;
  if (!at) return;
  const { start, step, size } = Object.fromEntries(
    ['start', 'step', 'size'].map((name) => [name, Number(button.dataset[name])]));
  const [left, top, right, bottom] = [
    ...at.map((index) => Math.max(0, start + index * step)),
    ...at.map((index) => Math.min(input.naturalWidth, start + index * step + size)),
  ];
  pen.fillStyle = 'rgb(128 128 128 / .6)';
  pen.beginPath();
  pen.rect(0, 0, pen.canvas.width, pen.canvas.height);
  pen.rect(left * zoom, top * zoom, (right - left) * zoom, (bottom - top) * zoom);
  pen.fill('evenodd');
  pen.strokeStyle = getComputedStyle(viewer).getPropertyValue('--accent');
  pen.lineWidth = 3;
  pen.strokeRect(left * zoom, top * zoom, (right - left) * zoom, (bottom - top) * zoom);
  const { width, height } = numbers(button);
  Object.assign(cell.style, {
    left: `${at[0] / width * 100}%`, top: `${at[1] / height * 100}%`,
    width: `${100 / width}%`, height: `${100 / height}%`,
  });
  field.querySelector('figcaption').textContent =
    `Row ${at[1] + 1}, column ${at[0] + 1} sees ${right - left} by ${bottom - top} pixels of the input.`;
}

function point(event) {
  if (!shown) return;
  const { width, height } = numbers(sheet(shown.stage));
  const box = large.getBoundingClientRect();
  sees([
    Math.min(width - 1, Math.max(0, Math.floor((event.clientX - box.left) / box.width * width))),
    Math.min(height - 1, Math.max(0, Math.floor((event.clientY - box.top) / box.height * height))),
  ]);
}
large.addEventListener('pointermove', point);
large.addEventListener('pointerdown', point);
large.addEventListener('pointerleave', (event) => { if (event.pointerType !== 'touch') sees(null); });

element.addEventListener('click', (event) => {
  const button = event.target.closest('.sheet');
  if (!button) return;
  const byKey = event.detail === 0;
  shown = { stage: button.dataset.stage, index: byKey ? 0 : indexAt(button, event) };
  if (!viewer.open) {
    // In the page only while it is open: a second network has a viewer of its own.
    element.closest('.gradio-container').append(viewer);
    viewer.showModal();
  }
  draw();
});

// The map under the mouse is framed.
element.addEventListener('pointermove', (event) => {
  const button = event.target.closest('.sheet');
  for (const mark of element.querySelectorAll('.sheet-mark')) {
    if (mark.parentElement !== button || event.pointerType === 'touch') { mark.hidden = true; continue; }
    const image = button.querySelector('img');
    const scale = image.clientWidth / image.naturalWidth;
    const { width, height } = numbers(button);
    const [left, top] = corner(button, indexAt(button, event));
    mark.hidden = false;
    Object.assign(mark.style, {
      left: `${left * scale}px`, top: `${top * scale}px`, width: `${width * scale}px`, height: `${height * scale}px`,
    });
  }
});
element.addEventListener('pointerleave', () => {
  for (const mark of element.querySelectorAll('.sheet-mark')) mark.hidden = true;
});

const go = (by) => { shown.index += by; draw(); };
viewer.addEventListener('click', (event) => {
  const to = event.target.closest('[data-go]')?.dataset.go;
  if (event.target === viewer || to === 'close') viewer.close(); // the backdrop counts as the dialog itself
  else if (to) go(Number(to));
});
viewer.addEventListener('keydown', (event) => {
  if (event.key === 'ArrowLeft') go(-1);
  else if (event.key === 'ArrowRight') go(1);
  else return;
  event.preventDefault();
});
// The event comes a while after the closing; by then another map may have been opened.
viewer.addEventListener('close', () => {
  if (viewer.open) return;
  shown = null;
  viewer.remove();
});
watch('value', draw); // an open map follows what is drawn
