// The line beside the answer: "That was a ...", one click among the likely ones, or typed; and, while the visitor draws
// what was asked for, which character is next. On a phone it stands below the pad.

import { top } from '../live/network.js';
import { button, h } from '../read/numbers.js';

const LIKELY = 4;
const NARROW = '(max-width: 860px)';

export class Row {
  /** @param {object} session session.js; hand: hand.js; open: () => opens the panel */
  constructor(session, hand, { open }) {
    [this.session, this.hand] = [session, hand];
    this.wanted = null; // the characters that were asked for and are still to be drawn
    this.of = 0;
    this.likely = h('span.hand-likely', {});
    this.other = h('input.hand-other', {
      type: 'text', maxlength: 1, size: 4, placeholder: 'other', autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false',
      'aria-label': 'That was another character: type it', oninput: () => this.#typed(),
    });
    this.ask = h('span.hand-ask', {}, h('span', {}, 'Wrong? That was a'), this.likely, this.other);
    this.practice = h('span.hand-practice', { hidden: true });
    this.opener = button('Teach it your hand', open, { 'aria-expanded': 'false', 'aria-controls': 'hand' });
    this.said = h('span.hand-said', { role: 'status' });
    this.element = h('div.hand-row.hand-part', { role: 'group', 'aria-label': 'Teach it your hand' }, this.ask, this.practice, this.said, this.opener);
    const narrow = matchMedia(NARROW);
    const place = () => document.querySelector(narrow.matches ? '#pad .pad' : '#live-answer .answer-body').append(this.element);
    narrow.addEventListener('change', place);
    place();
    session.on('reading', () => this.show());
    session.on('network', () => this.show());
    session.on('drawing', ({ live }) => { if (live) this.said.textContent = ''; });
    hand.on(() => this.show());
    this.show();
  }

  /** What is on the pad, if it is the visitor's own and not a picture; else null. */
  get drawn() {
    const { net, reading, strokes, image } = this.session;
    if (!net || !reading || reading.blank || image || !strokes.length || document.querySelector('#pad .pad-guest')) return null;
    return strokes;
  }

  show() {
    const { drawn, session } = this;
    this.practice.hidden = !this.wanted;
    this.ask.hidden = Boolean(this.wanted) || !drawn;
    this.opener.hidden = Boolean(this.wanted);
    if (!drawn) { this.#fill([]); return; }
    const { description } = session.net;
    const { answer, probabilities } = session.reading;
    const named = this.hand.drawings.find(({ strokes }) => strokes === drawn)?.label;
    const likely = top(description, probabilities, LIKELY + 1).filter(({ label }) => label !== answer.label || !answer.certain);
    this.#fill(likely.slice(0, LIKELY).map(({ label, title }) => {
      const character = answer.resolved[label] ?? description.alphabet.classes[label];
      return { character, title, pressed: description.alphabet.characters[label].includes(named) };
    }));
  }

  // A button that has the focus keeps it: they are changed, not made anew.
  #fill(likely) {
    while (this.likely.childElementCount > likely.length) this.likely.lastChild.remove();
    while (this.likely.childElementCount < likely.length) {
      this.likely.append(button('', ({ currentTarget }) => this.name(currentTarget.dataset.character)));
    }
    likely.forEach(({ character, title, pressed }, at) => {
      const one = this.likely.children[at];
      one.dataset.character = character;
      if (one.textContent !== title) one.textContent = title;
      one.setAttribute('aria-label', `That was a ${title}`);
      one.setAttribute('aria-pressed', String(pressed));
    });
  }

  #typed() {
    const character = this.other.value;
    this.other.value = '';
    if (character.trim()) this.name(character);
  }

  /** The network's class of a character: {label, title}; null if it knows none. */
  classOf(character) {
    const { alphabet } = this.session.net.description;
    const label = alphabet.characters.findIndex((own) => own.includes(character));
    return label < 0 ? null : { label, title: alphabet.titles[label] };
  }

  /** What is on the pad is this character. */
  name(character) {
    const { drawn } = this;
    if (!drawn) return false;
    const found = this.classOf(character);
    if (!found) { this.said.textContent = `This network doesn’t know ${character}.`; return false; }
    const { answer } = this.session.reading;
    const kept = this.hand.add(character, drawn, answer.title);
    this.said.textContent = kept ? `Kept as ${character}.` : 'That is as many as it can learn. Remove one first.';
    return kept;
  }

  /** Ask for these characters, one drawing each; ended() when they are drawn, or the visitor stops. */
  asks(characters, ended) {
    [this.wanted, this.of, this.ended] = [[...characters], characters.length, ended];
    this.#clear();
    this.#next();
  }

  #next() {
    if (!this.wanted.length) { this.#end(); return; }
    const [character] = this.wanted;
    this.practice.replaceChildren(
      h('b', { role: 'status' }, `Draw ${character}`), h('span', {}, `${this.of - this.wanted.length + 1} of ${this.of}`),
      button('Next', () => this.#take()), button('Stop', () => this.#end()));
    this.show();
  }

  async #take() {
    // Who is quick presses before the last stroke is read.
    for (let i = 0; i < 40 && !this.drawn && this.session.strokes.length; i++) await new Promise((done) => setTimeout(done, 50));
    if (!this.wanted) return;
    if (!this.drawn) { this.said.textContent = 'Draw it first.'; return; }
    if (!this.name(this.wanted[0])) return;
    this.wanted.shift();
    this.said.textContent = '';
    this.#clear();
    this.#next();
  }

  #end() {
    this.wanted = null;
    this.show();
    this.ended();
  }

  #clear() {
    document.querySelector('#pad [data-do=clear]').click();
    document.querySelector('#pad canvas').focus({ preventScroll: true });
  }
}
