// The buttons above the curves, run by gr.HTML after live.js with: element, trigger. Files are made in the browser.
element.addEventListener('click', (event) => {
  const pressed = event.target.closest('.charts-bar [data-do]');
  if (!pressed) return;
  const what = pressed.dataset.do;
  if (what === 'scale') trigger('click', { what });
  else if (what === 'csv') save(new Blob([pressed.closest('.charts-bar').dataset.csv], { type: 'text/csv' }), 'curves.csv');
  else if (what === 'png') picture().toBlob((blob) => save(blob, 'curves.png'));
});

function save(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

// All charts side by side, twice as large as on the screen: their lines and texts, as they stand there.
function picture() {
  const scale = 2;
  const charts = [...element.querySelectorAll('.chart')];
  const boxes = charts.map((chart) => chart.getBoundingClientRect());
  const [left, top] = [Math.min(...boxes.map((box) => box.left)), Math.min(...boxes.map((box) => box.top))];
  const canvas = document.createElement('canvas');
  canvas.width = scale * (Math.max(...boxes.map((box) => box.right)) - left);
  canvas.height = scale * (Math.max(...boxes.map((box) => box.bottom)) - top);
  const pen = canvas.getContext('2d');
  pen.scale(scale, scale);
  pen.translate(-left, -top);
  pen.fillStyle = getComputedStyle(charts[0]).backgroundColor;
  pen.fillRect(left, top, canvas.width, canvas.height);
  for (const chart of charts) {
    for (const svg of chart.querySelectorAll('svg')) lines(pen, svg);
    for (const text of chart.querySelectorAll('h3, figcaption small, .chart-legend span, .chart-across span, .chart-along span, .chart-along b')) {
      words(pen, text);
    }
    for (const key of chart.querySelectorAll('.chart-legend i')) {
      const box = key.getBoundingClientRect();
      const { borderTopColor, borderTopStyle } = getComputedStyle(key);
      const dashes = borderTopStyle === 'dotted' ? '1 4' : 'none';
      stroke(pen, borderTopColor, 2.5, 1, new Path2D(`M${box.left} ${box.top}H${box.right}`), dashes);
    }
  }
  return canvas;
}

function lines(pen, svg) {
  const box = svg.getBoundingClientRect();
  const place = new DOMMatrix([box.width / 1000, 0, 0, box.height / 1000, box.left, box.top]);
  for (const path of svg.querySelectorAll('path')) {
    const look = getComputedStyle(path);
    if (look.display === 'none') continue;
    const placed = new Path2D();
    placed.addPath(new Path2D(path.getAttribute('d')), place);
    stroke(pen, look.stroke, parseFloat(look.strokeWidth), Number(look.strokeOpacity), placed, look.strokeDasharray);
  }
}

function stroke(pen, colour, width, opacity, path, dashes = 'none') {
  pen.setLineDash(dashes.match(/[\d.]+/g)?.map(Number) ?? []);
  Object.assign(pen, { strokeStyle: colour, lineWidth: width, globalAlpha: opacity, lineCap: 'round', lineJoin: 'round' });
  pen.stroke(path);
  pen.globalAlpha = 1;
}

function words(pen, element_) {
  const look = getComputedStyle(element_);
  const range = document.createRange();
  range.selectNodeContents(element_);
  const text = [...element_.childNodes].filter((node) => node.nodeType === 3).map((node) => node.nodeValue).join('');
  const node = [...element_.childNodes].find((child) => child.nodeType === 3);
  if (!node) return;
  range.selectNode(node);
  const box = range.getBoundingClientRect();
  Object.assign(pen, { font: look.font, fillStyle: look.color, textBaseline: 'middle' });
  pen.fillText(text, box.left, box.top + box.height / 2);
}
