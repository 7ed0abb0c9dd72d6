// Softmax over a few scores, run once by gr.HTML with: element.
const rows = [...element.querySelectorAll('[data-class]')];
const slider = (row) => row.querySelector('input');
const first = rows.map((row) => slider(row).value);
const format = (value, digits) => value.toFixed(digits).replace('-', '−');

function renew() {
  const scores = rows.map((row) => Number(slider(row).value));
  const powers = scores.map(Math.exp);
  const sum = powers.reduce((a, b) => a + b, 0);
  const best = powers.indexOf(Math.max(...powers));
  rows.forEach((row, i) => {
    const probability = powers[i] / sum;
    const shown = { score: format(scores[i], 1), power: powers[i].toPrecision(3), probability: `${format(100 * probability, 1)} %` };
    for (const [name, text] of Object.entries(shown)) row.querySelector(`[data-part=${name}]`).textContent = text;
    row.dataset.probability = probability;
    row.querySelector('.bar i').style.width = `${100 * probability}%`;
    row.classList.toggle('scores-best', i === best);
  });
  const name = rows[best].dataset.class;
  element.querySelector('[data-part=probability-sum]').innerHTML =
    `Probability of ${name} = ${powers[best].toPrecision(3)} / (${powers.map((p) => p.toPrecision(3)).join(' + ')}) = <b>${(powers[best] / sum).toFixed(3)}</b>`;
}
element.addEventListener('input', renew);
element.addEventListener('click', (event) => {
  const add = event.target.closest('[data-add]')?.dataset.add;
  if (add === undefined) return;
  // If one cannot go up any more, none does: the differences are what counts.
  const all = rows.every((row) => Number(slider(row).value) + Number(add) <= Number(slider(row).max));
  rows.forEach((row, i) => {
    if (!Number(add)) slider(row).value = first[i];
    else if (all) slider(row).value = Number(slider(row).value) + Number(add);
  });
  renew();
});
renew();
