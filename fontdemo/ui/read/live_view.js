// The Read page, alive: starts the scripts beside it and connects them with the pad, the chooser, the tabs and the
// server. What is drawn is read here; the server is asked for pictures, and while a section that needs it is open.

import { AnswerView } from './answer_view.js';
import { mountDetail } from './detail.js';
import { Frames } from './frames.js';
import { mountGhost } from './ghost.js';
import { Links } from './links.js';
import { Intro } from './intro.js';
import { OWN, originOf, weightsOf } from './own.js';
import { session } from './session.js';
import { OpenStage } from './stage.js';
import { Strip } from './strip.js';
import { mountStripTools } from './strip_tools.js';
import { VARIANTS } from './variants.js';
import { fieldOf } from './windows.js';

const WELCOME = 'Draw one character or upload a picture of one.';
const EMPTY = 'The pad is empty. Draw one character.';
const LOADING = 'Loading the network ...';
const PATIENCE = 300; // ms: what loads faster needs no word
const LIVE = 'live'; // as in live_layout.py
const find = (name) => document.querySelector(name);

/**
 * @param {URL} base what the addresses of routes.py are relative to
 * @param {object} props of the gr.HTML: its value says who reads
 */
export function start({ base, props }) {
  const page = find('#live-network').closest('.gradio-container');
  const pad = find('#pad .pad');
  const element = find('#live-network');
  const scale = () => find('#strip-scale').value;
  const strip = new Strip(find('#strip'), session, scale);
  const stage = new OpenStage(find('#stage-open'), session, scale);
  const answer = new AnswerView(find('#live-answer'), corner(pad), session);
  const links = new Links(session, { tab: mainTab });
  const intro = new Intro(pad, session);
  const tour = mountDetail(session, base, links);
  mountStripTools(find('.strip-tools'), session, { strip, stage, tour });
  mountGhost(pad.querySelector('.pad-sheet'), session);
  const field = pad.querySelector('.pad-sheet').appendChild(document.createElement('div'));
  field.className = 'pad-field';
  field.hidden = true;
  const fallen = pad.appendChild(document.createElement('p')); // why the server reads
  fallen.className = 'pad-fallen';
  fallen.setAttribute('role', 'status');
  let drawn = []; // what is on the pad
  let picture = null; // the values that were shown last of a picture
  let message = WELCOME;
  let ranked = false; // whether the strongest maps are those of the last drawing

  const byServer = (server) => {
    page.classList.toggle('by-server', server);
    if ((props.value === LIVE) === server) props.value = server ? 'server' : LIVE;
  };
  const asking = () => document.querySelector('.asks-server > button.open') !== null;
  const onPad = () => find('#source [role=tab][aria-selected=true]')?.dataset.tabId !== 'picture';

  // The network
  const choose = (name) => {
    if (!name) return;
    const url = (file) => {
      const address = new URL(`network/${file}`, base);
      address.searchParams.set('name', originOf(name));
      return address.href;
    };
    const weights = weightsOf(name) ?? url('model.safetensors');
    if (name === session.name && (session.net || session.loading) && session.addresses[1] === weights) return;
    session.open(name, url('description.json'), weights, links.editsFor(originOf(name)));
  };
  window.addEventListener('network-chosen', ({ detail }) => choose(detail));
  window.addEventListener('among-chosen', ({ detail }) => session.setAmong(detail));
  session.on('network', (net) => {
    element.classList.toggle('loading', !net);
    if (!net) { wait(); return; }
    byServer(false);
    strip.build();
    frames.set([{ element: null, paint: say }, ...strip.pieces(), ...stage.pieces(), { element: null, paint: note }]);
    if (!session.selection.stage) session.select({ stage: net.description.stages[0].name });
    else stage.open();
    light(); // the cell of a link was chosen before
    ranked = false;
    links.opened();
  });
  session.on('failed', (error) => {
    byServer(true);
    // Two texts, since each is looked up in other languages by itself.
    fallen.replaceChildren(error.message, ' ', Object.assign(document.createElement('span'), {
      textContent: 'What you draw goes to the server, which reads it.',
    }));
    pad.dispatchEvent(new CustomEvent('pad-ask'));
  });

  // Whoever draws before the network is here, or has another one come, is told why there is no answer yet.
  let waiting = 0;
  const wait = () => {
    waiting ||= setTimeout(() => {
      waiting = 0;
      if (session.net || !isLive()) return;
      find('#strip-note').textContent = LOADING;
      if (session.strokes.length || session.image) answer.say(LOADING);
    }, PATIENCE);
  };

  // What is shown of a reading
  const frames = new Frames(() => document.dispatchEvent(new CustomEvent('painted', { detail: session.reading?.number })));
  const paint = () => { if (session.reading) frames.ask(); };
  session.on('reading', (reading) => {
    if (reading.blank) ranked = false;
    else if (!ranked) {
      strip.rank();
      session.rank();
      ranked = true;
    }
    paint();
  });
  session.on('drawing', ({ live }) => {
    frames.moving = live;
    if (!live) ranked = false;
    if (!session.net) wait();
    page.classList.toggle('of-picture', Boolean(session.image) || !onPad());
  });
  session.on('edits', () => { strip.changed(); paint(); });
  session.on('cell', () => { light(); paint(); });
  session.on('selection', () => {
    strip.mark();
    if (session.net && stage.shown.spec?.name !== session.selection.stage) stage.open();
    paint();
  });
  find('#strip-scale').addEventListener('change', paint);

  const say = () => {
    const { reading } = session;
    if (reading?.blank) answer.say(message); else if (reading) answer.show(reading);
  };
  const note = () => {
    if (!session.reading || frames.moving) return; // its numbers are of no use while they change
    const { description } = session.net;
    const count = session.strokes.length;
    const what = session.image ? 'A picture' : count === 1 ? '1 stroke' : `${count} strokes`;
    const about = session.name.startsWith(OWN) ? 'Your own network, in this browser only.'
      : JSON.parse(find('#strip-note').dataset.about)[session.name] ?? 'A network trained here.';
    const done = session.reading.blank ? '' : ` ${what}, read in your browser in ${Math.max(1, Math.round(session.reading.ms))} ms.`;
    const summary = document.createElement('span');
    summary.className = 'strip-about'; // a phone has no room for it
    summary.textContent = `${about} ${description.parameters.toLocaleString('en')} parameters.`;
    find('#strip-note').replaceChildren(summary, done);
  };

  // What the cell sees of the drawing
  function light() {
    const { cell, net } = session;
    field.hidden = !net || cell.y === null || cell.y === undefined || !onPad();
    if (field.hidden) return;
    const { side } = net.description;
    const { rows, columns } = fieldOf(net.description, cell.stage, cell.y, cell.x);
    const part = (value) => `${100 * value / side}%`;
    Object.assign(field.style, {
      top: part(rows[0]), height: part(rows[1] - rows[0]), left: part(columns[0]), width: part(columns[1] - columns[0]),
    });
  }

  // The pad
  const isLive = () => !page.classList.contains('by-server');
  pad.addEventListener('pad-moved', ({ detail }) => { if (isLive()) session.setStrokes(detail, { live: true }); });
  pad.addEventListener('pad-begun', () => intro.stop());
  pad.addEventListener('pad-given', ({ detail }) => {
    intro.stop();
    drawn = detail;
    if (isLive()) look();
  });
  pad.addEventListener('pad-drawn', (event) => {
    intro.stop();
    drawn = event.detail;
    message = drawn.length ? WELCOME : EMPTY;
    if (!isLive()) return;
    session.setStrokes(drawn);
    if (!asking()) event.preventDefault();
  });
  document.addEventListener('example', (event) => {
    intro.stop();
    if (!event.detail || !isLive()) return;
    event.preventDefault();
    show(JSON.parse(event.detail));
  });
  document.addEventListener('example', () => find('#source').scrollIntoView({ block: 'nearest' })); // a phone has it far above
  const show = (strokes) => {
    intro.stop();
    drawn = strokes;
    pad.dispatchEvent(new CustomEvent('pad-show', { detail: { strokes } }));
    // Before the tab turns, which makes the server read the pad too: so both read the same drawing.
    if (asking()) pad.dispatchEvent(new CustomEvent('pad-ask'));
    find('#source [role=tab]')?.click();
    session.setStrokes(strokes);
  };
  links.show = show;

  // Pictures, which the server makes images of
  function look() {
    const given = find('#saw-values:not([data-source=drawing])');
    const sent = given?.dataset.source === 'sent'; // by another tab, in place of what was on the pad
    if (isLive() && given && (sent ? given.value !== picture : !onPad() && !(given.value === picture && session.image))) {
      intro.stop();
      picture = given.value;
      if (sent) pad.dispatchEvent(new CustomEvent('pad-show', { detail: { strokes: drawn = [] } }));
      const bytes = Uint8Array.from(atob(picture), (char) => char.charCodeAt(0));
      session.setImage(new Float32Array(bytes.buffer), { cropped: given.dataset.cropped === 'true' });
    } else if (isLive() && !given && !onPad()) {
      intro.stop();
      message = find('#saw-values') ? WELCOME : find('#answer .answer-sentence').textContent;
      session.setStrokes([]);
    } else if (isLive() && onPad() && !(sent && session.image) && (session.image || (drawn.length && session.strokes !== drawn))) {
      message = WELCOME;
      session.setStrokes(drawn);
    }
    page.classList.toggle('of-picture', Boolean(session.image) || !onPad());
  }
  new MutationObserver(look).observe(find('#saw'), { childList: true, subtree: true });
  new MutationObserver(look).observe(find('#answer'), { childList: true, subtree: true, characterData: true });
  new MutationObserver(look).observe(find('#source'), { attributes: true, subtree: true, attributeFilter: ['aria-selected'] });

  // Sections and tabs that ask the server
  page.addEventListener('click', (event) => {
    const ask = () => { if (drawn.length && onPad()) pad.dispatchEvent(new CustomEvent('pad-ask')); };
    if (event.target.closest('.asks-server > button')) setTimeout(() => { if (asking()) ask(); });
    const tab = event.target.closest('#tabs > .tab-wrapper [role=tab]');
    if (tab && ['Ideas', 'Train'].includes(tab.dataset.tabId)) ask();
  });

  // What if it were ...
  const variants = find('#live-what-if');
  variants.append('What if it were', ...Object.entries(VARIANTS).map(([name, { label }]) => {
    const button = document.createElement('button');
    Object.assign(button, { type: 'button', textContent: label, disabled: true });
    button.setAttribute('aria-pressed', 'false');
    button.addEventListener('click', () => session.setVariant(session.variant === name ? null : name));
    session.on('variant', (now) => button.setAttribute('aria-pressed', String(now === name)));
    session.on('reading', ({ blank }) => { button.disabled = blank && !session.variant; }); // of nothing it is nothing
    return button;
  }));

  new ResizeObserver(() => { strip.resize(); stage.lay(); paint(); }).observe(find('#live-network'));
  new MutationObserver(paint).observe(document.body, { attributes: true, attributeFilter: ['class'] });
  const linked = links.start();
  if (linked) answer.say(LOADING);
  choose(document.documentElement.dataset.network);
  // The visitor may have begun before the scripts were here.
  const begun = {};
  pad.dispatchEvent(new CustomEvent('pad-state', { detail: begun }));
  if (begun.touched || begun.strokes.length) {
    intro.stop();
    drawn = begun.strokes;
    message = drawn.length ? WELCOME : EMPTY;
    session.setStrokes(begun.live ? [...drawn, begun.live] : drawn);
  } else if (!linked && onPad() && !find('#saw-values')) intro.start((strokes) => { drawn = strokes; });
}

function corner(pad) {
  const element = document.createElement('div');
  element.className = 'pad-answer';
  element.setAttribute('aria-hidden', 'true');
  element.innerHTML = '<b></b>';
  element.hidden = true;
  return pad.querySelector('.pad-sheet').appendChild(element);
}

function mainTab() {
  return find('#tabs > .tab-wrapper [role=tab][aria-selected=true]')?.dataset.tabId ?? 'Read';
}
