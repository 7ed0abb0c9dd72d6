// What is shown as a file: the strip or a stage as PNG, a stage's values as CSV or as numpy's .npy.

/** Offer a file to the visitor. content: a Blob. */
export function offer(content, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Canvases beside each other, each under its name, as a PNG. pictures: [{short, shape, canvas}] */
export function png(pictures, { dark }) {
  const ratio = window.devicePixelRatio || 1;
  const [gap, head] = [14, 40];
  const size = pictures.map(({ canvas }) => ({ width: Math.max(58, canvas.width / ratio), height: canvas.height / ratio }));
  const sheet = document.createElement('canvas');
  sheet.width = (size.reduce((sum, { width }) => sum + width + gap, gap)) * ratio;
  sheet.height = (Math.max(...size.map(({ height }) => height)) + head + gap) * ratio;
  const pen = sheet.getContext('2d');
  pen.scale(ratio, ratio);
  pen.fillStyle = dark ? '#121110' : '#faf9f6';
  pen.fillRect(0, 0, sheet.width, sheet.height);
  pen.imageSmoothingEnabled = false;
  let left = gap;
  pictures.forEach(({ short, shape, canvas }, index) => {
    pen.fillStyle = dark ? '#ece8df' : '#1b1a17';
    pen.font = '600 13px system-ui, sans-serif';
    pen.fillText(short, left, 16);
    pen.font = '10px ui-monospace, monospace';
    pen.fillText(shape, left, 30);
    pen.drawImage(canvas, left, head, canvas.width / ratio, canvas.height / ratio);
    left += size[index].width + gap;
  });
  return new Promise((resolve) => sheet.toBlob(resolve, 'image/png'));
}

/** A stage's values, a line each: map,row,column,value; of a row of values: index,value. */
export function csv(values, shape) {
  const [, height = 1, width = 1] = shape;
  const maps = shape.length === 3;
  const lines = [maps ? 'map,row,column,value' : 'index,value'];
  values.forEach((value, at) => {
    const position = maps ? [Math.floor(at / (height * width)), Math.floor(at / width) % height, at % width] : [at];
    lines.push([...position, value].join(','));
  });
  return new Blob([`${lines.join('\n')}\n`], { type: 'text/csv' });
}

/** A stage's values as a file of numpy: float32 of the stage's shape. */
export function npy(values, shape) {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`;
  const header = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`; // with its 10 bytes a multiple of 64
  const start = new Uint8Array(10);
  start.set([0x93, ...'NUMPY'].map((one) => (typeof one === 'string' ? one.charCodeAt(0) : one)));
  start.set([1, 0, header.length & 255, header.length >> 8], 6);
  const numbers = new DataView(new ArrayBuffer(4 * values.length));
  values.forEach((value, at) => numbers.setFloat32(4 * at, value, true));
  return new Blob([start, header, numbers.buffer], { type: 'application/octet-stream' });
}
