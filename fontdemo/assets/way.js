// The way through the network, run once by gr.HTML with: element, watch. A click on a map opens it large.
// All maps of a stage are one picture, one pixel a value; data-* of its button say where each map lies in it.
const viewer = document.createElement('dialog');
viewer.className = 'map-viewer';
viewer.innerHTML = `
  <header><h3></h3><button type="button" data-go="close" aria-label="Close" title="Close (Esc)">×</button></header>
  <canvas role="img"></canvas>
  <footer>
    <button type="button" data-go="-1" aria-label="Map before" title="Map before (←)">←</button>
    <div class="map-legend"></div>
    <button type="button" data-go="1" aria-label="Next map" title="Next map (→)">→</button>
  </footer>`;
element.closest('.gradio-container').append(viewer);
const large = viewer.querySelector('canvas');
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
}

element.addEventListener('click', (event) => {
  const button = event.target.closest('.sheet');
  if (!button) return;
  const byKey = event.detail === 0;
  shown = { stage: button.dataset.stage, index: byKey ? 0 : indexAt(button, event) };
  if (!viewer.open) viewer.showModal();
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
viewer.addEventListener('close', () => { shown = null; });
watch('value', draw); // an open map follows what is drawn
