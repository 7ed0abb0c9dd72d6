// The address of the page follows what is chosen and drawn, and opens it again; "Copy link". See link.js for its text.

import { decode, encode } from './link.js';

export class Links {
  show = () => {}; // (strokes) => void: puts a drawing on the pad and has it read
  tour = null; // the step of the tour that is open, or null; set with `setTour`
  #given = null; // what the address said
  #timer = 0;
  #ready = false;

  /** @param {object} session session.js; tab: () => the title of the page's open tab */
  constructor(session, { tab }) {
    [this.session, this.tab] = [session, tab];
    for (const name of ['selection', 'edits', 'drawing']) session.on(name, () => this.later());
    session.on('network', () => this.#write()); // at once: a page that is loaded again right now has the network chosen
    document.addEventListener('click', (event) => {
      if (event.target.closest('[role=tab]')) this.later();
      if (event.target.closest('#copy-link')) this.#copy(event.target.closest('#copy-link'));
    });
    window.addEventListener('hashchange', () => this.start());
  }

  /** Open what the address says; whether it says anything of a drawing. */
  start() {
    if (location.hash.slice(1) === this.#own) return false;
    this.#given = decode(location.hash);
    if (!this.#given) return false;
    const { tab, stage, map, y, x, strokes, cut } = this.#given;
    if (stage) this.session.select({ stage, map, y, x });
    if (strokes.length) this.show(strokes);
    if (tab !== 'Read') {
      [...document.querySelectorAll('#tabs > .tab-wrapper [role=tab]')].find((one) => one.textContent.trim() === tab)?.click();
    }
    if (cut) this.#say('This link was cut: what is left of it is shown.');
    return strokes.length > 0;
  }

  #own = null;

  /** The edits that the address has for this network. */
  editsFor(name) {
    return this.#given && (!this.#given.network || this.#given.network === name) ? this.#given.edits : {};
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
    if (wanted && wanted !== this.session.name && !this.#ready) this.#say(`The network of this link, ${wanted.slice(0, 60)}, isn't here any more.`);
    this.#ready = true;
  }

  /** The whole address of what is shown now. */
  address() {
    const { name, selection, edits, image, strokes } = this.session;
    const { stage, map, y, x } = selection;
    const hash = encode({
      network: name, tab: this.tab(), stage, map, y, x, edits, tour: this.tour,
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
    history.replaceState(history.state, '', href);
  }

  async #copy(button) {
    const { href } = this.address();
    const done = await navigator.clipboard?.writeText(href).then(() => true, () => false);
    if (!done) window.prompt('Copy this link:', href);
    const was = 'Copy link';
    button.textContent = done ? 'Copied' : was;
    setTimeout(() => { button.textContent = was; }, 1500);
  }

  #say(sentence) {
    const told = document.getElementById('link-note');
    told.textContent = sentence;
    told.hidden = false;
  }
}
