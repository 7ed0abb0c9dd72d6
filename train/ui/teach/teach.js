// Teach it your hand: what the visitor says that a drawing was is gathered here; Learn sends the drawings to the server,
// which answers with a lesson's curve, its outcome, and the key of the network that came of it. That is then one of the
// networks to choose from, in this browser alone (../read/own.js).

import { OWN, originOf, drop, put } from '../read/own.js';
import { offer } from '../read/save.js';
import { session } from '../read/session.js';
import { Hand } from './hand.js';
import * as store from './keep.js';
import { Panel } from './panel.js';
import { Row } from './row.js';

/**
 * @param {URL} base what the page's addresses are relative to
 * @param {object} props of the gr.HTML: its value is what is sent to be learned
 * @param {Function} trigger its events: click (get ready), input (learn the value), stop, submit (these networks are mine: {own, chosen})
 */
export function start({ base, props, trigger }) {
  const hand = new Hand();
  let keeping = false;
  let lesson = null; // {origin, of}: what is learned now
  let arrived = ''; // what is said of a lesson until the page reads with the network that came of it
  const row = new Row(session, hand, { open: () => { if (panel.element.hidden) panel.open(); else panel.close(); } });
  const panel = new Panel(document.querySelector('#hand'), hand, row, { ready, learn, stop, keep, download, forget });

  const chosen = () => document.documentElement.dataset.network ?? '';
  const failed = (error) => panel.say(error.message);

  // The networks that are mine, in the chooser; choose: the one to read with then, '' for none.
  const announce = (choose = '') => trigger('submit', { own: JSON.stringify([...hand.networks.keys()]), chosen: choose });

  function keepNow() {
    if (!keeping) return;
    const record = { drawings: hand.drawings, networks: [...hand.networks].map(([name, { bytes }]) => [name, bytes]), chosen: chosen() };
    store.keep(record).catch(() => {
      keeping = panel.keeps.checked = false;
      panel.say("This browser has no room to keep them. Download your network instead.");
    });
  }

  function keep(whether) {
    keeping = whether;
    if (keeping) keepNow(); else store.forget().catch(() => {});
  }

  let prepared = '';
  function ready() {
    if (prepared === originOf(session.name)) return;
    prepared = originOf(session.name);
    trigger('click');
  }

  function learn() {
    lesson = { origin: originOf(session.name), of: hand.drawings };
    hand.result = null;
    hand.changed();
    panel.busy(true);
    panel.say('Sending your drawings ...');
    props.value = hand.toSend();
    trigger('input');
  }

  function stop() {
    panel.say('Stopping ...');
    trigger('stop');
  }

  window.addEventListener('lesson', ({ detail: { state, sentence, points = [], lesson: outcome, key } }) => {
    if (!lesson) return;
    panel.say(sentence);
    panel.draw(points);
    if (state === 'waiting' || state === 'learning') return;
    const { origin, of } = lesson;
    lesson = null;
    panel.busy(false);
    if (outcome) {
      hand.result = { points, lesson: outcome, of };
      hand.changed();
    }
    if (!key) return;
    panel.say(`${sentence} Loading your network ...`);
    fetched(key).then((bytes) => { arrived = sentence; have(origin, bytes); }).catch(failed);
  });

  async function fetched(key) {
    const answer = await fetch(new URL('teach/model.safetensors', base), { headers: { 'x-lesson': key }, cache: 'no-store' });
    if (!answer.ok) throw new Error("Your network didn't arrive. Learn again.");
    return answer.arrayBuffer();
  }

  // A network came of a lesson: read with it.
  function have(origin, bytes) {
    const name = OWN + origin;
    hand.networks.set(origin, { bytes });
    put(name, bytes);
    hand.changed();
    announce(name);
    if (chosen() === name) window.dispatchEvent(new CustomEvent('network-chosen', { detail: name }));
    keepNow();
  }

  function download() {
    const origin = hand.networks.has(originOf(session.name)) ? originOf(session.name) : [...hand.networks.keys()].at(-1);
    offer(new Blob([hand.networks.get(origin).bytes], { type: 'application/octet-stream' }), `${origin}-your-hand.safetensors`);
  }

  function forget() {
    const back = chosen().startsWith(OWN) ? originOf(chosen()) : '';
    for (const origin of hand.networks.keys()) drop(OWN + origin);
    const had = hand.networks.size > 0;
    hand.clear();
    keeping = panel.keeps.checked = false;
    store.forget().catch(() => {});
    panel.say('');
    if (had) announce(back);
  }

  // What the server reads with where one's own network is chosen is another one: the sections that ask it say so.
  const note = document.createElement('p');
  note.className = 'hand-note';
  note.hidden = true;
  document.querySelector('.read-more').prepend(note);
  window.addEventListener('network-chosen', ({ detail }) => {
    const mine = detail.startsWith(OWN);
    note.hidden = !mine;
    note.textContent = mine ? 'Your own network is in this browser only. The sections below and the other tabs read with the network it started from.' : '';
    keepNow();
    if (hand.networks.size && !mine) announce(); // another tab may have made the list of networks anew
  });
  session.on('network', (net) => {
    if (!net || !arrived || !session.name.startsWith(OWN)) return;
    panel.say(`${arrived} The page reads with your network now.`);
    arrived = '';
  });
  session.on('failed', () => {
    const { name } = session;
    if (!name.startsWith(OWN)) return;
    drop(name);
    hand.networks.delete(originOf(name));
    hand.changed();
    keepNow();
    announce(originOf(name));
    panel.say('Your network no longer fits the one it started from. Learn again.');
  });
  let count = 0;
  hand.on(() => {
    if (hand.drawings.length > count) panel.open();
    count = hand.drawings.length;
    keepNow();
  });

  async function restore() {
    const record = await store.kept();
    if (!record || hand.drawings.length) return;
    keeping = panel.keeps.checked = true;
    hand.networks = new Map(record.networks.map(([origin, bytes]) => [origin, { bytes }]));
    for (const [origin, { bytes }] of hand.networks) put(OWN + origin, bytes);
    hand.drawings = record.drawings;
    count = record.drawings.length; // the panel stays closed
    hand.changed();
    if (hand.networks.size) announce(originOf(record.chosen) === chosen() ? record.chosen : '');
  }
  // The page's own choice comes first: it would undo this one.
  if (chosen()) restore(); else window.addEventListener('network-chosen', () => restore(), { once: true });
}
