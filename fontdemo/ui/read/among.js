// What a person says beforehand that a character is, as fontdemo/reading/among.py has it: the answer is taken among these.

const AMONG = { anything: /./, digit: /[0-9]/, letter: /[A-Za-z]/, capital: /[A-Z]/, small: /[a-z]/ };

/**
 * What the network says, its answer taken among these. Null where it knows none of them.
 * @param {object} description the server's of the network; among: a name of AMONG
 * @returns {{description: object, probabilities: Float32Array}|null} the description with the classes' characters that
 *   are left, and the probabilities with the other classes at 0, summing to 1
 */
export function restricted(description, probabilities, among) {
  const wanted = AMONG[among] ?? AMONG.anything;
  if (wanted === AMONG.anything) return { description, probabilities };
  const { alphabet } = description;
  const characters = alphabet.characters.map((own) => own.filter((character) => wanted.test(character)));
  const left = characters.map((own) => own.length > 0);
  if (!left.some(Boolean)) return null;
  const kept = Float64Array.from(probabilities, (value, label) => (left[label] ? Math.max(value, 1e-30) : 0));
  const whole = kept.reduce((sum, value) => sum + value, 0);
  const those = (labels) => labels.map((others) => others.filter((label) => left[label]));
  const titles = alphabet.titles.map((title, label) => characters[label].join(' ') || title);
  return {
    description: {
      ...description,
      alphabet: {
        ...alphabet, characters, titles, lookalikes: those(alphabet.lookalikes), same_shape: those(alphabet.same_shape),
      },
    },
    probabilities: Float32Array.from(kept, (value) => value / whole),
  };
}
