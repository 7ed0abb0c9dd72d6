// The address of the page follows what is chosen and drawn, and opens it again; "Copy link". See link.js for its text.
// The browser's Back goes to the tab before; what is drawn and chosen stays.

import { decode, encode, encodeEdits } from './link.js';
import { originOf } from './own.js';
import { VARIANTS } from './variants.js';

const VISIT = performance.timeOrigin; // another one each time the page is loaded

function openTab(name) {
  [...document.querySelectorAll('#tabs > .tab-wrapper [role=tab]')].find((one) => one.dataset.tabId === name)?.click();
}

export class Links {
  show = () => {}; // (strokes) => void: puts a drawing on the pad and has it read
  tour = null; // the step of the tour that is open, or null; set with `setTour`
  #given = null; // what the address said
  #timer = 0;
  #ready = false;

  /** @param {object} session session.js; tab: () => the title of the page's open tab */
  constructor(session, { tab }) {
    [this.session, this.tab] = [session, tab];
    for (const name of ['selection', 'edits', 'variant', 'among']) session.on(name, () => this.later());
    session.on('drawing', ({ live }) => { if (!live) this.later(); }); // not while the pen moves: it takes long to write
    session.on('network', () => this.#write()); // at once: a page that is loaded again right now has the network chosen
    document.addEventListener('click', (event) => {
      if (event.target.closest('[role=tab]')) this.later();
      if (event.target.closest('#copy-link')) this.#copy(event.target.closest('#copy-link'));
    });
    // Another link was put into this page's address: all of it is opened, the network too.
    window.addEventListener('hashchange', () => { if (location.hash.slice(1) !== this.#own && decode(location.hash)) location.reload(); });
    window.addEventListener('popstate', ({ state }) => {
      if (state?.visit !== VISIT) return; // of another link, or of the page before it was loaded again: that is opened above
      this.#own = location.hash.slice(1);
      this.#shown = state.tab;
      openTab(state.tab);
      this.later();
    });
    session.on('unfit', () => this.#say('The changes of this link don’t fit this network: it is as it was trained.'));
  }

  /** Open what the address says; whether it says anything of a drawing. */
  start() {
    this.#given = decode(location.hash);
    if (!this.#given) return false;
    const { tab, stage, map, y, x, strokes, cut, variant, among } = this.#given;
    if (stage) this.session.select({ stage, map, y, x });
    if (Object.hasOwn(VARIANTS, variant)) this.session.setVariant(variant);
    if (strokes.length) this.show(strokes);
    if (tab !== 'Read') openTab(tab);
    if (among) this.#choose(among);
    if (y !== null && tab === 'Read') this.#showCell();
    if (cut) this.#say('This link was cut short. Here is what is left of it.');
    return strokes.length > 0;
  }

  // Who follows a link to a cell comes to see that cell; not who loads the page again, and is back where they were.
  #showCell() {
    if (performance.getEntriesByType('navigation')[0]?.type !== 'navigate' || this.givenTour) return;
    const shown = ({ detail: { cell } }) => {
      if (!cell) return;
      document.removeEventListener('cellshown', shown);
      if (scrollY === 0) document.querySelector(innerWidth > 860 ? '.stage-all' : '.stage-one').scrollIntoView();
    };
    document.addEventListener('cellshown', shown);
  }

  // The choice of what it is, which Gradio keeps: as if the visitor chose it.
  #choose(among) {
    [...document.querySelectorAll('#among input')].find((one) => one.value === among)?.click();
  }

  #own = null;
  #shown = null; // the tab of the address

  /** The edits that the address has for this network; once, for what is put back stays so. */
  editsFor(name) {
    if (!this.#given || (this.#given.network && this.#given.network !== name)) return {};
    const { edits } = this.#given;
    this.#given.edits = {};
    return edits;
  }

  /** The step of the tour that the address names, or null. */
  get givenTour() {
    return this.#given?.tour ?? null;
  }

  /** The tour is at this step; null: it is not open. */
  setTour(step) {
    this.tour = step;
    this.later();
  }

  /** A network is loaded: say if it isn't the one that the address names. */
  opened() {
    const wanted = this.#given?.network;
    if (wanted && wanted !== originOf(this.session.name) && !this.#ready) this.#say(`The network of this link, ${wanted.slice(0, 60)}, isn't here any more.`);
    this.#ready = true;
  }

  /** The whole address of what is shown now. */
  address() {
    const { name, selection, edits, image, strokes, variant, among } = this.session;
    const { stage, map, y, x } = selection;
    const hash = encode({
      network: originOf(name), tab: this.tab(), stage, map, y, x, edits, tour: this.tour, variant, among,
      strokes: image || document.querySelector('#pad .pad-guest') ? [] : strokes,
    });
    const url = new URL(location.href);
    url.hash = hash;
    return { href: url.href, hash };
  }

  /** Let the address follow, once nothing has changed for a moment. */
  later() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#write(), 300);
  }

  #write() {
    if (!this.#ready) return;
    const { href, hash } = this.address();
    this.#own = hash;
    const tab = this.tab();
    const state = { ...history.state, visit: VISIT, tab };
    if (this.#shown === null || tab === this.#shown) history.replaceState(state, '', href);
    else history.pushState(state, '', href);
    this.#shown = tab;
  }

  async #copy(button) {
    const { href } = this.address();
    const { left } = encodeEdits(this.session.edits);
    if (this.session.image) this.#say('A picture can’t be in a link. This link has everything else; whoever opens it needs the picture too.');
    else if (left) this.#say(`${left} of your changes didn’t fit in the link.`);
    const done = await navigator.clipboard?.writeText(href).then(() => true, () => false);
    if (!done) window.prompt('Copy this link:', href);
    const was = 'Copy link';
    button.textContent = done ? 'Copied' : was;
    setTimeout(() => { button.textContent = was; }, 1500);
  }

  #say(sentence) {
    const note = document.getElementById('link-note');
    note.textContent = sentence;
    note.hidden = false;
  }
}
