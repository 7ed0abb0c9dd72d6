// The answer as it stands on the page: the letter, the sentence and the likeliest classes; on a phone also in the
// corner of the pad. The same marks as fontdemo/ui/read/view.py makes of the server's answer.

import { answer as judged } from '../live/answer.js';
import { top } from '../live/network.js';
import { restricted } from './among.js';

const TOP = 5;

// Text that is the same is not written: all that is written is laid out.
const write = (element, text) => { if (element.textContent !== text) element.textContent = text; };

export class AnswerView {
  /** @param {HTMLElement} element the .answer; corner: where a phone has the short answer */
  constructor(element, corner, session) {
    [this.element, this.corner, this.session] = [element, corner, session];
    const find = (name) => element.querySelector(name);
    [this.alike, this.large, this.sentence] = [find('.alike'), find('.answer-glyph'), find('.answer-sentence')];
    this.bars = Array.from({ length: TOP }, () => this.#bar(element.querySelector('.bars')));
    this.small = Array.from({ length: 3 }, () => {
      const line = document.createElement('span');
      corner.append(line);
      return line;
    });
    this.say('Draw one character or upload a picture of one.');
  }

  #bar(list) {
    const item = document.createElement('li');
    item.innerHTML = '<button type="button"><span class="bar-name"></span><span class="bar"><i></i></span><span class="bar-percent"></span></button>';
    item.firstChild.addEventListener('click', () => {
      if (item.dataset.label) this.session.select({ stage: 'softmax', map: Number(item.dataset.label), y: 0, x: 0 });
    });
    list.append(item);
    item.parts = ['.bar-name', 'i', '.bar-percent'].map((name) => item.querySelector(name));
    return item;
  }

  /** No answer, but a sentence in its place. */
  say(sentence) {
    this.#set('answer-none', '', sentence);
    for (const bar of this.bars) this.#fill(bar, null);
    this.#alike([]);
    this.corner.hidden = true;
  }

  /** The answer of a reading. */
  show(reading) {
    const left = restricted(this.session.net.description, reading.probabilities, this.session.among);
    if (!left) {
      this.say(`This network knows no ${this.session.among}: choose another one.`);
      return;
    }
    const { description, probabilities } = left;
    const { cropped } = this.session;
    const fits = ([label, character]) => description.alphabet.characters[label].includes(character);
    const resolved = Object.fromEntries(Object.entries(reading.answer.resolved).filter(fits));
    const { sideBySide } = reading.answer;
    const answer = judged(description, probabilities, { cropped, resolved, sideBySide });
    const characters = answer.resolved[answer.label] ?? description.alphabet.characters[answer.label].join(' ');
    const letter = answer.certain || (answer.probability >= description.leaning && !answer.several) ? characters : '';
    this.#set(answer.certain ? '' : 'answer-unsure', letter, answer.sentence);
    const best = top(description, probabilities, TOP).filter(({ label }) => description.alphabet.characters[label].length);
    this.bars.forEach((bar, index) => this.#fill(bar, best[index]));
    this.#alike(answer.certain && answer.together.length > 1 ? answer.together : [], description.alphabet.titles);
    this.corner.hidden = false;
    write(this.corner.firstChild, letter || '?');
    this.corner.classList.toggle('answer-unsure', !answer.certain);
    this.small.forEach((line, index) => {
      const found = best[index];
      write(line, found ? `${found.title} ${Math.round(100 * found.probability)} %` : '');
    });
  }

  #set(kind, glyph, sentence) {
    this.element.className = `answer ${kind}`;
    write(this.large, glyph);
    this.large.classList.toggle('answer-two', glyph.includes(' '));
    write(this.sentence, sentence);
  }

  #fill(bar, found) {
    const percent = 100 * (found?.probability ?? 0);
    if (found) bar.dataset.label = found.label; else delete bar.dataset.label;
    const [name, length, value] = bar.parts;
    bar.firstChild.disabled = !found;
    write(name, found?.title ?? '');
    length.style.transform = `translateX(${(percent - 100).toFixed(2)}%)`; // of its own length: nothing is laid out anew
    write(value, found ? `${percent.toFixed(1)} %` : '');
  }

  // The probabilities of the classes that look the same, as one bar of several pieces.
  #alike(together, titles = []) {
    const said = together.map(({ label, probability }) => `${titles[label]} ${(100 * probability).toFixed(1)}%`).join(', ');
    if (said === this.alike.title) return;
    this.alike.hidden = together.length < 2;
    const whole = together.reduce((sum, { probability }) => sum + probability, 0);
    this.alike.replaceChildren(...together.map(({ label, probability }) => {
      const piece = document.createElement('i');
      piece.style.flexGrow = Math.max(probability / whole, 0.001);
      piece.innerHTML = '<b></b>';
      piece.firstChild.textContent = titles[label];
      return piece;
    }));
    this.alike.setAttribute('aria-label', said);
    this.alike.title = said;
  }
}
