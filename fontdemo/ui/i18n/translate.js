// Turns the page into Korean: every text on it, now or later, is looked up in the catalogue (see catalogue.py) and
// replaced. The scripts and the server know nothing of it. What changes is translated before it is
// painted: the observer hears of it in the same turn. Numbers and single letters, which change with every frame while
// the pen moves, are not looked up, and what was looked up is remembered.

const ATTRIBUTES = ['aria-label', 'title', 'placeholder', 'alt'];

// What is never touched: code, what visitors typed, names of runs, fonts and networks.
const LEFT = '[translate=no], [contenteditable], script, style, code, pre, textarea';

const WORD = /[A-Za-z]{2}/;
const KEPT = 3000; // texts that are remembered
const LONGEST = 1000; // characters: what is longer is no text of ours

const PLACE = /\{(\d+)(?::([ntwc]))?\}/g;
const KINDS = {
  n: '([-−+]?\\d[\\d.,]*(?:e[-−+]?\\d+)?)',
  w: '(\\S+)',
  c: '(\\S(?: \\S)?)',
  t: '((?:(?![.?!] [A-Z0-9“]).)+?)', // a place never reaches over the end of a sentence
  any: '((?:(?![.?!] [A-Z0-9“]).)+?)',
};

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

export class Catalogue {
  #exact = new Map();
  #patterns = [];
  #found = new Map();
  #within = new Map();

  /** @param {Object<string, string>} texts English -> Korean */
  constructor(texts) {
    for (const [english, korean] of Object.entries(texts)) {
      const places = [...english.matchAll(PLACE)];
      if (!places.length) { this.#exact.set(english, korean); continue; }
      const literals = english.split(/\{\d+(?::[ntwc])?\}/);
      const source = literals.map((text, at) => escaped(text) + (at < places.length ? KINDS[places[at][2] ?? 'any'] : '')).join('');
      this.#patterns.push({
        pattern: new RegExp(`^${source}$`), korean, places: places.map(([, number, kind]) => ({ number, kind })),
        rare: literals.reduce((one, other) => (other.length > one.length ? other : one)), // without it no need to try
        kinds: places.filter(([, , kind]) => kind).length, size: literals.join('').length,
      });
    }
    // What says more comes first.
    this.#patterns.sort((one, other) => other.size - one.size || other.kinds - one.kinds);
  }

  /** The Korean of a text, its blanks at either end kept; null where there is none. */
  translated(text) {
    if (text.length > LONGEST || !WORD.test(text)) return null;
    let found = this.#found.get(text);
    if (found === undefined) {
      const [, before, inner, after] = text.match(/^(\s*)(.*?)(\s*)$/s);
      const korean = this.#look(inner.replace(/\s+/g, ' '));
      this.#within.clear();
      found = korean === null ? null : before + korean + after;
      if (this.#found.size >= KEPT) this.#found.clear();
      this.#found.set(text, found);
    }
    return found;
  }

  // What was looked up once while a text is translated is not looked up again.
  #look(text) {
    let found = this.#within.get(text);
    if (found === undefined) {
      found = this.#exact.get(text) ?? this.#matched(text) ?? this.#sentences(text) ?? this.#list(text);
      this.#within.set(text, found);
    }
    return found;
  }

  #matched(text) {
    for (const { pattern, korean, places, rare } of this.#patterns) {
      const match = text.includes(rare) && text.match(pattern);
      if (!match) continue;
      const values = {};
      places.forEach(({ number, kind }, at) => {
        const value = match[at + 1];
        values[number] = kind === 't' && WORD.test(value) ? this.#look(value) : value;
      });
      if (Object.values(values).includes(null)) continue; // a text that is not known: another pattern may fit
      return korean.replace(PLACE, (_, number) => values[number]);
    }
    return null;
  }

  // Several sentences, each by itself.
  #sentences(text) {
    const parts = text.split(/(?<=[.?!]) (?=[A-Z0-9“])/);
    if (parts.length < 2) return null;
    const found = parts.map((part) => this.#exact.get(part) ?? this.#matched(part));
    return found.every((part) => part === null) ? null : found.map((part, at) => part ?? parts[at]).join(' ');
  }

  // Words with commas between, if all of them are known.
  #list(text) {
    const parts = text.split(', ');
    if (parts.length < 2) return null;
    const found = parts.map((part) => (WORD.test(part) ? this.#exact.get(part) ?? this.#matched(part) : part));
    return found.includes(null) ? null : found.join(', ');
  }
}

export class Translator {
  #texts = new WeakMap(); // text node, or the field of a menu -> [English, Korean]
  #attributes = new WeakMap(); // element -> {attribute: [English, Korean]}
  #observer = new MutationObserver((records) => this.#changed(records));
  #menus = document.getElementsByClassName('worded');
  #focus = (event) => this.#menu(event.target, event.type === 'focusin');
  #root = null;

  /** @param {Catalogue} catalogue what is looked up in */
  constructor(catalogue) {
    this.catalogue = catalogue;
  }

  /** Translate all of `root`, and what changes in it from now on. */
  start(root) {
    if (this.#root) return;
    this.#root = root;
    this.#walk(root, (node) => this.#text(node), (element) => this.#attributesOf(element));
    this.#closed();
    for (const name of ['focusin', 'focusout']) root.addEventListener(name, this.#focus);
    this.#observer.observe(root, {
      subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ATTRIBUTES,
    });
  }

  /** Put the English back, and leave the page alone. */
  stop() {
    if (!this.#root) return;
    this.#observer.disconnect();
    for (const name of ['focusin', 'focusout']) this.#root.removeEventListener(name, this.#focus);
    for (const menu of this.#menus) this.#menu(menu.querySelector('input'), true);
    this.#walk(this.#root, (node) => {
      const [english, korean] = this.#texts.get(node) ?? [];
      if (korean !== undefined && node.nodeValue === korean) node.nodeValue = english;
    }, (element) => {
      for (const [name, [english, korean]] of Object.entries(this.#attributes.get(element) ?? {})) {
        if (element.getAttribute(name) === korean) element.setAttribute(name, english);
      }
    });
    this.#root = null;
  }

  #changed(records) {
    for (const { type, target, addedNodes, attributeName } of records) {
      if (type === 'characterData') this.#text(target);
      else if (type === 'attributes') this.#attribute(target, attributeName);
      else for (const node of addedNodes) this.#walk(node, (one) => this.#text(one), (one) => this.#attributesOf(one));
    }
    this.#closed();
    this.#observer.takeRecords(); // our own
  }

  // What a closed menu of Gradio's shows is the value of a field, which changes without a sign. Those whose choices are
  // words are marked in Python (elem_classes="worded"); while one is open, its value is what Gradio gave it.
  #closed() {
    for (const menu of this.#menus) {
      const field = menu.querySelector('input');
      if (field !== document.activeElement) this.#menu(field, false);
    }
  }

  #menu(field, open) {
    if (!field?.closest?.('.worded')) return;
    const [english, korean] = this.#texts.get(field) ?? [];
    if (open) { if (field.value === korean) field.value = english; return; }
    const found = this.catalogue.translated(field.value);
    if (found === null) return;
    this.#texts.set(field, [field.value, found]);
    field.value = found;
  }

  #walk(node, text, element) {
    if (node.nodeType === Node.TEXT_NODE) { text(node); return; }
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    const walker = document.createTreeWalker(node, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let one = node; one; one = walker.nextNode()) (one.nodeType === Node.TEXT_NODE ? text : element)(one);
  }

  #text(node) {
    const english = node.nodeValue;
    if (!WORD.test(english)) return; // most of what changes while the pen moves
    if (this.#texts.get(node)?.[1] === english) return; // it is ours
    const parent = node.parentElement;
    if (parent?.closest(LEFT)) return; // first of all: the page's own scripts are long, and to look one up takes seconds
    const context = parent?.dataset.context;
    const korean = (context && this.catalogue.translated(`${context}|${english}`)) || this.catalogue.translated(english);
    if (korean === null || korean === english) return;
    node.nodeValue = korean;
    this.#texts.set(node, [english, korean]);
  }

  #attributesOf(element) {
    for (const name of ATTRIBUTES) if (element.hasAttribute(name)) this.#attribute(element, name);
  }

  #attribute(element, name) {
    const english = element.getAttribute(name);
    if (this.#attributes.get(element)?.[name]?.[1] === english) return;
    const korean = english && this.catalogue.translated(english);
    if (!korean || korean === english || element.closest('[translate=no]')) return;
    element.setAttribute(name, korean);
    this.#attributes.set(element, { ...this.#attributes.get(element), [name]: [english, korean] });
  }
}

/** The translator, its catalogue fetched. base: what the page's own addresses are relative to. */
export async function load(base) {
  const answer = await fetch(new URL('i18n/ko.json', base));
  if (!answer.ok) throw new Error(`The Korean texts can't be loaded (${answer.status}).`);
  return new Translator(new Catalogue(await answer.json()));
}
