// The network in a thread of its own, so that the pad stays fluid. network.js talks to it; nobody else need.
//
// In: {id, type, ...}; out: {id, value} or {id, error}. Types: load, read, edit, cell, and those of attribution.js.
// The latest wins: a reading or an edit that waits is dropped (its value is null) when a newer one of its type comes,
// so that a fast pen never builds a backlog; what takes many runs (attribution.js) is done a run at a time in between,
// and dropped when a drawing or an edit comes.

import * as attribution from './attribution.js';
import { Engine } from './engine.js';
import { Pen } from './pen.js';
import { parseSafetensors } from './safetensors.js';

let engine = null;
const pens = new Map(); // by width: what one drew stays
const SLOW = ['rank', 'occlusion', 'gradCam'];
const waiting = { edit: null, read: null, rank: null, occlusion: null, gradCam: null }; // in the order they are done in

// A message to ourselves comes after those that wait already: by then the latest is known.
const turn = new MessageChannel();
turn.port1.onmessage = work;

self.onmessage = ({ data }) => {
  if (data.type in waiting) {
    for (const type of SLOW.includes(data.type) ? [data.type] : [data.type, ...SLOW]) drop(type);
    waiting[data.type] = data;
    turn.port2.postMessage(null);
    return;
  }
  // A cell is asked of what was drawn last.
  for (const type of ['edit', 'read']) if (waiting[type]) take(type);
  attempt(data, NOW[data.type]);
};

const NOW = {
  async load({ descriptionUrl, weightsUrl, simd }) {
    const [description, weights] = await Promise.all([descriptionUrl, weightsUrl].map(fetched));
    const described = await description.json();
    engine = new Engine(described, parseSafetensors(await weights.arrayBuffer()), { simd });
    // The first runs are slow, while the browser translates the loops: not with the pen on the pad.
    for (let i = 0; i < 3; i++) engine.runFrom(0, new Float32Array(described.side ** 2), engine.outputs);
    return { description: described, simd: engine.simd };
  },
  cell: ({ stage, map, y, x, part }) => ({ ...ready().cell(stage, map, y, x, part), number: engine.number }),
};

const LATER = {
  edit({ edits }) {
    ready().edit(edits);
    return engine.image ? whole() : null;
  },
  read({ strokes, image, pen, cropped }) {
    ready().run(image ?? inked(strokes, pen ?? engine.description.pen), { cropped });
    return whole();
  },
};

async function fetched(url) {
  const answer = await fetch(url).catch(() => ({ ok: false, status: 'no connection' }));
  if (!answer.ok) throw new Error(`The network can't be loaded (${answer.status}). Reload the page.`);
  return answer;
}

function ready() {
  if (!engine) throw new Error('The network is not loaded yet.');
  return engine;
}

function inked(strokes, width) {
  if (!pens.has(width) && pens.size > 3) pens.clear(); // a slider of widths would fill the memory with sheets
  if (!pens.has(width)) pens.set(width, new Pen(engine.description.side, width));
  return pens.get(width).draw(strokes);
}

// The reading with all outputs; the buffer that holds them is handed over, not copied again.
function whole() {
  const { buffer, ...copies } = engine.copies();
  return { value: { ...engine.reading(), ...copies }, handed: [buffer] };
}

function work() {
  const type = Object.keys(waiting).find((one) => waiting[one]);
  if (!type) return;
  if (SLOW.includes(type)) step(type); else take(type);
  if (Object.values(waiting).some(Boolean)) turn.port2.postMessage(null);
}

function take(type) {
  const request = waiting[type];
  waiting[type] = null;
  attempt(request, LATER[type]);
}

// One run of something slow.
function step(type) {
  const request = waiting[type];
  try {
    if (!ready().image) throw new Error('Nothing has been read yet.');
    request.steps ??= attribution[type](engine, request.how);
    const { done: ended, value } = request.steps.next();
    if (!ended) return;
    done(request, value);
  } catch (error) {
    failed(request, error);
  }
  waiting[type] = null;
}

function drop(type) {
  if (waiting[type]) done(waiting[type], null);
  waiting[type] = null;
}

async function attempt(request, how) {
  const began = performance.now();
  try {
    const made = how(request);
    const found = made instanceof Promise ? await made : made;
    if (!found?.handed) return done(request, found);
    done(request, { ...found.value, ms: performance.now() - began }, found.handed);
  } catch (error) {
    failed(request, error);
  }
}

const done = ({ id }, value, handed = []) => self.postMessage({ id, value }, handed);
const failed = ({ id }, error) => self.postMessage({ id, error: error.message });
