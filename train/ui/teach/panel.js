// "Your hand": the drawings so far, what else to draw, Learn and its curve, before and after, and what to keep.

import { button, h } from '../read/numbers.js';
import { compared, curve, repeated } from './curve.js';
import { MOST } from './hand.js';

const EACH = 3; // drawings that are asked for of a character
const PEN = 0.085; // the pad's pen in units of its side

/** A drawing, small, in the colour of the text. */
function thumb(strokes, label) {
  const make = (name, props) => {
    const made = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [key, value] of Object.entries(props)) made.setAttribute(key, value);
    return made;
  };
  const line = ([first, ...rest]) => `M${first.join(' ')}${rest.length ? rest.map((point) => `L${point.join(' ')}`).join('') : 'h0'}`;
  const drawn = make('svg', { viewBox: '0 0 1 1', role: 'img', 'aria-label': `Your ${label}` });
  drawn.append(make('path', { d: strokes.map(line).join(''), 'stroke-width': PEN }));
  return drawn;
}

export class Panel {
  /**
   * @param {HTMLElement} element the section; hand: hand.js; row: row.js
   * @param {object} does {ready, learn, stop, keep(whether), download, forget}: what opening it and its buttons do
   */
  constructor(element, hand, row, does) {
    [this.element, this.hand, this.row, this.does] = [element, hand, row, does];
    this.count = h('p', { role: 'status' });
    this.thumbs = h('ol.hand-thumbs', {});
    this.letters = h('input', {
      type: 'text', maxlength: 20, size: 8, autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false',
      oninput: () => { this.typed = true; },
    });
    this.begin = button('Begin', () => this.#practise());
    this.learn = button('Learn', does.learn, { class: 'tool hand-learn' });
    this.stop = button('Stop', does.stop, { hidden: true });
    this.hint = h('p.hand-hint', {}, 'Draw each character more than once: the curve is measured on drawings held back.');
    this.said = h('p.hand-message', { role: 'status' });
    this.lesson = h('div.hand-lesson', {});
    this.keeps = h('input', { type: 'checkbox', onchange: ({ target }) => does.keep(target.checked) });
    this.download = button('Download your network', does.download);
    this.forget = button('Forget all', () => { does.forget(); this.close(); });
    this.after = h('div.hand-after', {}, this.download, h('label', {}, this.keeps, ' Keep drawings and network in this browser'), this.forget);
    element.append(
      h('header', {}, h('h2', { id: 'hand-title' }, 'Your hand'), this.count, button('×', () => this.close(), { 'aria-label': 'Close' })),
      this.thumbs,
      h('div.hand-tools', {},
        h('label', {}, `Draw ${EACH} each of `, this.letters), this.begin, h('span.hand-gap', {}), this.learn, this.stop),
      this.hint, this.said, this.lesson, this.after);
    hand.on(() => this.show());
    this.show();
  }

  open() {
    this.element.hidden = false;
    this.does.ready();
    this.row.opener.setAttribute('aria-expanded', 'true');
  }

  close() {
    this.element.hidden = true;
    this.row.opener.setAttribute('aria-expanded', 'false');
    this.row.opener.focus({ preventScroll: true });
  }

  show() {
    const { drawings, labels, networks, result, sentence } = this.hand;
    this.count.textContent = sentence;
    this.thumbs.replaceChildren(...drawings.map((drawing) => this.#thumb(drawing)));
    // By default what it misread, until the visitor wants others.
    if (!this.typed) this.letters.value = labels.join('').slice(0, 20);
    this.learn.disabled = !drawings.length;
    this.hint.hidden = !labels.some((label) => drawings.filter((one) => one.label === label).length < 2);
    this.after.hidden = !drawings.length && !networks.size;
    this.download.hidden = !networks.size;
    this.lesson.replaceChildren(...(result ? [curve(result.points, repeated(result.of.map(({ label }) => label))), ...(result.lesson ? [compared(result.lesson)] : [])] : []));
  }

  #thumb(drawing) {
    const { label, strokes, read } = drawing;
    const { result } = this.hand;
    const found = result?.lesson?.drawings[result.of.indexOf(drawing)];
    const readAs = found ? [found[1], found[2]] : [read];
    return h('li', {}, thumb(strokes, label), h('b', {}, label),
      h('span', {}, `read as ${readAs.join(', now ')}`),
      button('×', () => this.#remove(drawing), { 'aria-label': `Remove this ${label}` }));
  }

  #remove(drawing) {
    const at = this.hand.drawings.indexOf(drawing);
    this.hand.remove(drawing);
    const next = this.thumbs.querySelectorAll('button');
    (next[Math.min(at, next.length - 1)] ?? this.letters).focus({ preventScroll: true });
  }

  #practise() {
    const wanted = [...new Set(this.letters.value.replace(/\s/g, ''))];
    const unknown = wanted.find((character) => !this.row.classOf(character));
    if (unknown) { this.said.textContent = `This network doesn’t know ${unknown}.`; return; }
    if (!wanted.length) { this.said.textContent = 'Type the characters that you want to draw.'; this.letters.focus(); return; }
    const asked = wanted.flatMap((character) => Array(EACH).fill(character));
    const room = MOST - this.hand.drawings.length;
    if (asked.length > room) { this.said.textContent = `There is room for ${room} more drawings. Ask for fewer.`; return; }
    this.said.textContent = '';
    this.begin.disabled = true;
    this.row.asks(asked, () => {
      this.begin.disabled = false;
      this.learn.focus({ preventScroll: true });
    });
  }

  /** A lesson is under way, or not. */
  busy(going) {
    if (going && document.activeElement === this.learn) setTimeout(() => this.stop.focus({ preventScroll: true }));
    if (!going && document.activeElement === this.stop) setTimeout(() => this.learn.focus({ preventScroll: true }));
    this.learn.hidden = going;
    this.stop.hidden = !going;
  }

  say(sentence) {
    if (this.said.textContent !== sentence) this.said.textContent = sentence;
  }

  /** The lines of a lesson that is under way. */
  draw(points) {
    if (points.length) this.lesson.replaceChildren(curve(points, repeated(this.hand.drawings.map(({ label }) => label))));
  }
}
