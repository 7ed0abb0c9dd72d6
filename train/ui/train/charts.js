// The readout of the learning curves, run once by gr.HTML with: element. The point nearest to the mouse is given in words.
const hide = (except) => {
  for (const chart of element.querySelectorAll('.chart')) {
    if (chart === except) continue;
    chart.querySelector('.chart-guide').hidden = chart.querySelector('.chart-readout').hidden = true;
  }
};
element.addEventListener('pointermove', (event) => {
  const plot = event.target.closest('.chart-plot');
  const chart = plot && plot.closest('.chart');
  hide(chart);
  if (!chart) return;
  const box = plot.getBoundingClientRect();
  const at = (event.clientX - box.left) / box.width;
  const points = JSON.parse(chart.dataset.readout);
  if (!points.length) return;
  const near = points.reduce((best, point) => (Math.abs(point[0] - at) < Math.abs(best[0] - at) ? point : best));
  const guide = plot.querySelector('.chart-guide');
  const readout = plot.querySelector('.chart-readout');
  guide.style.left = `${100 * near[0]}%`;
  readout.textContent = near[1];
  guide.hidden = readout.hidden = false;
});
element.addEventListener('pointerleave', () => hide(null));
