// The drawing pad, run once by gr.HTML with: element, props, trigger, watch.
// A drawing is a list of strokes, a stroke a list of [x, y] in units of the pad's side, y downward; props.value is its JSON.
const pad = element.querySelector('.pad');
const canvas = pad.querySelector('canvas');
const pen = canvas.getContext('2d');
const say = pad.querySelector('.pad-status');
const PEN = Number(pad.dataset.pen); // width of the server's pen in units of the side
const NEAR = 0.004; // points nearer than this to the last one are not kept
const FLAT = 0.0025; // points nearer than this to the line that remains are thinned out
const STEP = 0.02; // one press of an arrow key

let strokes = []; // never changed in place, so that earlier drawings can be kept
let past = []; // what undo goes back to
let undone = []; // what redo brings back
let live = null; // the stroke under the pen
let laid = 0; // how many of its points are on the canvas
let sent = null; // the value that we set ourselves
let cursor = null; // where the keyboard's pen is
let touched = false; // whether the visitor has begun
let ink = null; // the pen's colour; null: to be asked for, which takes too long for every move
let guest = false; // whether what is shown is an example that goes when the visitor begins

// Who reads in the browser hears of every change, and says (preventDefault) that the server need not.
const report = (name, detail) => pad.dispatchEvent(new CustomEvent(name, { bubbles: true, cancelable: true, detail }));

const round = (v) => Math.round(v * 1000) / 1000;

function thin(points, from = 0, to = points.length - 1) {
  // Ramer-Douglas-Peucker: keep the ends, and what stands out from the line between them.
  if (to - from < 2) return points.slice(from, to + 1);
  const [ax, ay] = points[from];
  const [bx, by] = points[to];
  const length = Math.hypot(bx - ax, by - ay);
  let worst = 0, at = from;
  for (let i = from + 1; i < to; i++) {
    const [x, y] = points[i];
    const off = length ? Math.abs((bx - ax) * (ay - y) - (ax - x) * (by - ay)) / length : Math.hypot(x - ax, y - ay);
    if (off > worst) [worst, at] = [off, i];
  }
  if (worst < FLAT) return [points[from], points[to]];
  return thin(points, from, at).concat(thin(points, at, to).slice(1));
}

function line(stroke) {
  const side = canvas.width;
  const points = stroke.map(([x, y]) => [x * side, y * side]);
  pen.beginPath();
  if (points.length === 1) { // a line of no length draws nothing
    pen.arc(...points[0], pen.lineWidth / 2, 0, 7);
    pen.fill();
    return;
  }
  for (const point of points) pen.lineTo(...point);
  pen.stroke();
}

// Under the pen only what is new is drawn: however much there is already, the line keeps up with the hand.
function paintOn() {
  if (live.length > laid) line(live.slice(Math.max(0, laid - 1)));
  laid = live.length;
}

function paint() {
  const side = canvas.width;
  pen.clearRect(0, 0, side, side);
  pen.strokeStyle = pen.fillStyle = ink ??= getComputedStyle(canvas).color;
  pen.lineWidth = PEN * side;
  pen.lineCap = pen.lineJoin = 'round';
  for (const stroke of strokes) line(stroke);
  if (live) line(live);
  laid = live?.length ?? 0;
  pad.classList.toggle('pad-empty', !strokes.length && !live);
  pad.classList.toggle('pad-guest', guest);
  pad.querySelector('[data-do=undo]').disabled = !past.length;
  pad.querySelector('[data-do=clear]').disabled = !strokes.length;
  const cross = pad.querySelector('.pad-cursor');
  cross.hidden = !cursor;
  if (cursor) Object.assign(cross.style, { left: `${cursor[0] * 100}%`, top: `${cursor[1] * 100}%` });
  cross.classList.toggle('down', Boolean(live));
}

function change(next) {
  [past, undone] = [[...past.slice(-99), strokes], []];
  strokes = next;
  send();
}

function send() {
  guest = false;
  paint();
  if (report('pad-drawn', strokes)) ask();
}

// Have the server read what is on the pad.
function ask() {
  sent = JSON.stringify(strokes);
  props.value = sent;
  trigger('input');
}

// The visitor begins: an example is not theirs to go on with.
function begin() {
  touched = true;
  if (!guest) return;
  report('pad-begun');
  [strokes, past, undone, guest] = [[], [], [], false];
}

function finish() {
  if (!live) return;
  const done = thin(live);
  live = null;
  change([...strokes, done]);
}

const actions = {
  undo() {
    live = null;
    if (past.length) { undone.push(strokes); strokes = past.pop(); send(); }
  },
  redo() {
    if (undone.length && !live) { past.push(strokes); strokes = undone.pop(); send(); }
  },
  clear() {
    const any = live || strokes.length;
    live = null;
    if (any) change([]); else paint();
  },
};

function extend([x, y]) {
  // A line may leave the pad and come back; how far out it went is of no interest.
  const point = [x, y].map((v) => round(Math.min(2, Math.max(-1, v))));
  const last = live[live.length - 1];
  if (last && Math.hypot(point[0] - last[0], point[1] - last[1]) < NEAR) return;
  live.push(point);
}

// What is drawn so far, to those who read along: once for all the points of an event.
function moved() {
  report('pad-moved', [...strokes, live]);
}

function point(event) {
  const box = canvas.getBoundingClientRect();
  return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
}

// Mouse, touch and pen. One pointer draws at a time; a pen takes over from the hand that rests beside it.
let pointer = null;
let resting = false; // whether the pointer is a touch, which may be a hand
canvas.addEventListener('pointerdown', (event) => {
  if (event.button !== 0 || (pointer !== null && !(resting && event.pointerType === 'pen'))) return;
  event.preventDefault();
  if (pointer === null) finish(); // a stroke that the keyboard began
  begin();
  pointer = event.pointerId;
  resting = event.pointerType === 'touch';
  canvas.setPointerCapture(pointer);
  canvas.focus({ preventScroll: true });
  cursor = null;
  live = [];
  extend(point(event));
  moved();
  paint();
});
canvas.addEventListener('pointermove', (event) => {
  if (event.pointerId !== pointer || !live) return; // the stroke may have been taken away under the pen
  const between = event.getCoalescedEvents?.() ?? [];
  for (const one of between.length ? between : [event]) extend(point(one));
  if (live.length === laid) return; // it is where it was
  moved();
  paintOn();
});
for (const kind of ['pointerup', 'pointercancel']) {
  canvas.addEventListener(kind, (event) => {
    if (event.pointerId !== pointer) return;
    pointer = null;
    if (kind === 'pointerup' && live) extend(point(event));
    finish();
  });
}

// The keyboard: arrows move a pen, space or enter puts it down and lifts it.
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const held = new Set(); // two arrows at once go diagonally
canvas.addEventListener('keydown', (event) => {
  if (pointer !== null) return;
  const key = (event.ctrlKey || event.metaKey) && event.key.toLowerCase();
  if (key === 'y' || (key === 'z' && event.shiftKey)) actions.redo();
  else if (key === 'z') actions.undo();
  else if (event.ctrlKey || event.metaKey || event.altKey) return;
  else if (event.key === 'Delete' || event.key === 'Backspace' || event.key === 'Escape') actions.clear();
  else if (event.key === ' ' || event.key === 'Enter') {
    cursor ??= [0.5, 0.5];
    begin();
    if (live) finish();
    else { live = []; extend(cursor); moved(); }
    say.textContent = live ? 'Pen down' : 'Pen up';
    paint();
  } else if (ARROWS[event.key]) {
    held.add(event.key);
    const far = event.shiftKey ? 4 * STEP : STEP;
    const move = [...held].reduce(([x, y], key) => [x + ARROWS[key][0], y + ARROWS[key][1]], [0, 0]);
    cursor = cursor ? cursor.map((v, i) => round(Math.min(1, Math.max(0, v + far * move[i])))) : [0.5, 0.5];
    if (live) { extend(cursor); moved(); }
    paint();
  } else return;
  event.preventDefault();
});
canvas.addEventListener('keyup', (event) => held.delete(event.key));
canvas.addEventListener('blur', () => {
  held.clear();
  cursor = null;
  if (pointer === null) finish();
  paint();
});

pad.addEventListener('click', (event) => {
  const button = event.target.closest('[data-do]');
  if (button) { actions[button.dataset.do](); canvas.focus({ preventScroll: true }); }
});

// From the scripts of the page: a drawing to show, and that the server shall read what is there.
pad.addEventListener('pad-show', ({ detail }) => {
  [strokes, live, guest] = [detail.strokes, null, Boolean(detail.guest)];
  past = detail.guest ? [] : [...past.slice(-99), []];
  undone = [];
  paint();
});
pad.addEventListener('pad-state', ({ detail }) => Object.assign(detail, { strokes, live, touched }));
pad.addEventListener('pad-ask', () => { if (JSON.stringify(strokes) !== sent) ask(); });

// A value from the server: an example, or nothing.
function receive() {
  if (props.value === sent) return;
  let next;
  try { next = JSON.parse(props.value || '[]') ?? []; } catch { return; }
  sent = props.value;
  [past, undone] = [[...past.slice(-99), strokes], []];
  [strokes, live, guest] = [next, null, false];
  paint();
  report('pad-given', strokes);
}
watch('value', receive);

// As many pixels as the screen has, in the colour of the theme.
function fit() {
  const side = Math.round(canvas.clientWidth * (window.devicePixelRatio || 1));
  if (side && side !== canvas.width) canvas.width = canvas.height = side;
  ink = null;
  paint();
}
new ResizeObserver(fit).observe(canvas);
new MutationObserver(() => { ink = null; paint(); }).observe(document.body, { attributes: true, attributeFilter: ['class'] });
if (props.value) receive();
fit();
