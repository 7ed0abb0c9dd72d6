// Probabilities -> an answer and its sentence, as fontdemo/reading/lookalikes.py, reader.py and wording.py have it.
// Classes that look alike count together; the answer may not be certain enough; a letter's case is named where the
// network knows it.
// `description`: what fontdemo/reading/description.py says of the network, its alphabet with the look-alikes.

/**
 * @param {Float32Array} probabilities (classes,)
 * @param {object} how {cropped: the size and position of the glyph say nothing; sideBySide: its ink stands in two tall
 *   parts; resolved: see resolvedCase}
 * @returns {{label: number, character: string, title: string, together: {label: number, probability: number}[],
 *   probability: number, certain: boolean, several: boolean, sideBySide: boolean, resolved: Object<number, string>,
 *   sentence: string}}
 */
export function answer(description, probabilities, { cropped = false, sideBySide = false, resolved = {} } = {}) {
  const { alphabet, threshold, negligible } = description;
  const label = probabilities.reduce((best, value, other) => (value > probabilities[best] ? other : best), 0);
  const same = cropped ? alphabet.same_shape[label] : [];
  const counts = (other) => probabilities[other] > negligible || same.includes(other);
  const beside = alphabet.lookalikes[label].filter(counts);
  beside.sort((one, other) => probabilities[other] - probabilities[one]);
  const together = [label, ...beside].map((other) => ({ label: other, probability: probabilities[other] }));
  const probability = Math.min(1, together.reduce((sum, part) => sum + part.probability, 0));
  const several = sideBySide && threshold > 0 && probability < description.side_by_side.surely_one;
  const found = {
    label, character: alphabet.classes[label], title: alphabet.titles[label],
    together, probability, certain: probability >= threshold && !several, several, sideBySide, resolved,
  };
  return { ...found, sentence: sentence(description, found) };
}

/** The likeliest classes, likeliest first: {label, title, probability}. */
export function top(description, probabilities, count) {
  const order = [...probabilities.keys()].sort((one, other) => probabilities[other] - probabilities[one]);
  return order.slice(0, count).map((label) => ({
    label, title: description.alphabet.titles[label], probability: probabilities[label],
  }));
}

/**
 * Label of a class of two characters -> the one of them that is clearly likelier, where the network told them apart
 * before its last stage joined them. logits: what that last stage got, or null where there is no such stage.
 */
export function resolvedCase(description, logits) {
  const fold = description.stages.at(-1);
  const found = {};
  if (fold.kind !== 'fold' || !logits) return found;
  for (const pair of fold.twins) {
    const [behind, ahead] = [...pair].sort((one, other) => logits[one] - logits[other]);
    if (logits[ahead] - logits[behind] >= Math.log(description.case_odds)) {
      found[fold.labels[fold.kept.indexOf(ahead)]] = fold.characters[ahead];
    }
  }
  return found;
}

/** A character in words that tell look-alikes apart: "the digit 0", "capital O". */
export function described(character) {
  if (/[0-9]/.test(character)) return `the digit ${character}`;
  return character === character.toUpperCase() ? `capital ${character}` : `small ${character}`;
}

function sentence({ alphabet, faint, leaning }, { together, probability, certain, several, sideBySide, resolved }) {
  const characters = together.flatMap(({ label }) => resolved[label] ?? alphabet.characters[label]);
  const words = characters.map(described);
  if (!certain && (several || probability < faint)) {
    return "I can't tell. That doesn't look like one character. Draw just one, large.";
  }
  if (!certain) return probability < leaning ? `I can't tell. Perhaps ${words[0]}.` : `Not sure: it looks most like ${words[0]}.`;
  const surely = probability >= 0.9 ? 'This is' : probability >= 0.5 ? 'Probably' : 'Not sure: perhaps';
  const listed = words.length > 1 ? `${words.slice(0, -1).join(', ')} or ${words.at(-1)}` : words[0];
  const same = together.length > 1 ? ': they can look the same' : '';
  return `${surely} ${listed}${same}.${sideBySide ? ' Two characters? Draw one at a time.' : ''}`;
}
