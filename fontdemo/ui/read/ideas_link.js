// "Play with this in Ideas": a map of the chosen network, or the piece of it around the cell, with the kernel that lies
// on it there, handed to ideas/convolution.js through the browser's session storage; then the Ideas tab opens.

const KEY = 'fontdemo-ideas';
const ROOM = 14, LARGE = 20; // rows and columns that Ideas has room for; the second for kernels of more than 5 x 5
const UNCHANGED = [0, 0, 0, 0, 1, 0, 0, 0, 0];

/** Whether Ideas can play with a cell; the maps within a residual stage are not in the reading. */
export const canPlay = (cell) => ['conv', 'pool'].includes(cell.kind) || cell.part === 'first';

/**
 * What Ideas is given of a cell: {at: [row, column] of the result, pool, picture: rows of values, ink, kernel, stride, padding, bias, name, note}.
 * input: the input map that is looked at, or null for the one that matters most.
 */
export function given(session, cell, input = null) {
  const before = cell.before.stage ?? 'input';
  const { values, shape: [, height, width] } = session.output(before);
  const title = (name) => session.net.description.stages.find((stage) => stage.name === name)?.short ?? 'Your drawing';
  const spec = session.net.description.stages.find((stage) => stage.name === cell.stage);
  const pool = cell.kind === 'pool';
  const top = pool ? null : cell.inputs[input ?? cell.order[0]];
  const map = pool ? cell.map : top.map;
  const { kernel: side, stride, padding } = pool ? { kernel: 3, stride: 1, padding: 1 } : (spec.first ?? spec).conv;
  const room = side > 5 ? LARGE : ROOM;
  const whole = Math.max(height, width) <= room;
  const { rows, columns } = cell.before;
  const align = pool ? spec.stride : stride;
  // The piece starts where a window does, so that its cells are cells of the stage.
  const start = (span, length) => (whole ? 0 : Math.max(0, Math.min(length - room,
    span[0] - align * Math.floor((room - side) / 2 / align))));
  const [top_, left] = [start(rows, height), start(columns, width)];
  const [high, wide] = [Math.min(height, room), Math.min(width, room)];
  const picture = Array.from({ length: high }, (_, r) => Array.from({ length: wide }, (_, c) =>
    Number(values[(map * height + top_ + r) * width + left + c].toPrecision(4))));
  const what = before === 'input' ? 'your drawing' : `map ${map + 1} of ${title(before)}`;
  const piece = whole ? what : `a piece of ${what}: rows ${top_ + 1}–${top_ + high}, columns ${left + 1}–${left + wide}`;
  const one = pool ? `${title(cell.stage)} pools it, further below.`
    : `The kernel is the one that ${title(cell.stage)} lays on it for its map ${cell.map + 1}.`
      + (cell.inputs.length > 1 ? ` The network adds up ${cell.inputs.length} such results.` : '');
  const edge = whole || pool ? padding : 0;
  // Where the cell itself is in the result that Ideas makes of the piece.
  const position = (span, from) => Math.max(0, Math.round((span[0] - from) / align));
  const at = whole ? [cell.y, cell.x] : pool ? [position(rows, top_), position(columns, left)]
    : [position([cell.window.row], top_), position([cell.window.column], left)];
  return {
    at, pool, picture, ink: before === 'input', kernel: pool ? UNCHANGED : Array.from(top.kernel), stride,
    padding: edge, bias: pool ? 0 : Number(cell.bias.toPrecision(3)),
    name: `${title(before)}${before === 'input' ? '' : `, map ${map + 1}`}, ${high}×${wide}`,
    note: `${piece[0].toUpperCase()}${piece.slice(1)}. ${one}`,
  };
}

/** Hand it over and open the tab. */
export function play(session, cell, context) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(given(session, cell, context.state.input)));
  } catch { return; } // a browser that keeps nothing
  window.dispatchEvent(new Event(KEY));
  const tab = document.querySelector('#tabs > .tab-wrapper [role=tab][data-tab-id=Ideas]');
  tab?.click();
  const shown = (tries) => {
    const lab = document.querySelector('.conv-lab');
    if (!lab?.offsetParent) { if (tries) setTimeout(() => shown(tries - 1), 50); return; }
    lab.scrollIntoView({ block: 'start' });
    lab.querySelector('[data-set=picture]').focus({ preventScroll: true });
  };
  shown(100);
}
