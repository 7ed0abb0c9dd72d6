// What the tour says: eight steps through the chosen network on the visitor's letter, in the report's order and words.
// Each is {title, text, select, near}, functions of what there is now: {session, description, conv, pool, after, letter,
// map}: the first convolution, the first pooling, the stage behind the maps, what the letter is read as, and the map of
// the first convolution that answers strongest. near: what must be in sight.

import { format, percent } from './numbers.js';

const ACTIVATIONS = {
  silu: (short) => ['SiLU multiplies each value by its own sigmoid: x × σ(x).',
    `Unlike ReLU it is not zero for negative numbers, so that a filter can't die in training. After trying ELU and ReLU the report kept SiLU. Without an activation ${short} and all layers after it could be merged into one.`],
  elu: (short) => ['ELU keeps what is above 0 and bends what is below: α × (eˣ − 1).',
    `It addresses ReLU's dying in the negative range. Without an activation ${short} and all layers after it could be merged into one.`],
  relu: (short) => ['ReLU keeps what is above 0 and makes 0 of the rest.',
    `Without an activation ${short} and all layers after it could be merged into one.`],
  leaky_relu: (short) => ['LeakyReLU keeps what is above 0, and a hundredth of what is below.',
    `So a filter can't die in training, as it may with ReLU. Without an activation ${short} and all layers after it could be merged into one.`],
  sigmoid: (short) => ['The sigmoid squeezes every number between 0 and 1.',
    `Without an activation ${short} and all layers after it could be merged into one.`],
};

const strongest = ({ session, conv, map }) => {
  const { values, shape: [, height, width] } = session.output(conv.name);
  let best = map * height * width;
  for (let i = best; i < (map + 1) * height * width; i++) if (Math.abs(values[i]) > Math.abs(values[best])) best = i;
  const cell = best - map * height * width;
  return { y: Math.floor(cell / width), x: cell % width, value: values[best] };
};
const times = (shape) => shape.map((side) => side.toLocaleString('en')).join('×');

export const STEPS = [
  {
    title: ({ letter }) => `Your ${letter} as numbers`,
    text: ({ session, description: { side } }) => {
      const inked = session.reading.image.filter((value) => value > 0).length;
      return [`To the network your drawing is ${side} rows of ${side} numbers: 0 is paper, 1 is ink. ${inked.toLocaleString('en')} of the ${(side * side).toLocaleString('en')} have ink.`,
        'Everything that follows is made of these numbers: multiplied, added up, compared.'];
    },
    select: () => ({ stage: 'input', map: null, y: null, x: null }), near: '#strip',
  },
  {
    title: ({ conv, letter }) => `What ${conv.short} did to your ${letter}`,
    text: (now) => {
      const { conv: { short, conv: { kernel, stride, outputs } }, map } = now;
      const { y, x, value } = strongest(now);
      return [`${short} has ${outputs} filters of ${kernel}×${kernel} weights. Each slides over the image${stride > 1 ? `, ${stride} pixels at a time` : ''}; where it lies, pixels are multiplied by weights and added up, and a bias is added, the same at every position. So each filter draws a map of where the image looks like it.`,
        `Filter ${map + 1} responds most strongly to your letter: ${format(value, 3)} at row ${y + 1}, column ${x + 1}. The panel shows its arithmetic.`];
    },
    select: (now) => ({ stage: now.conv.name, map: now.map, y: strongest(now).y, x: strongest(now).x }), near: '.one-map',
  },
  {
    title: ({ conv }) => `Why ${conv.short} is ${conv.out_shape[2]} wide: padding and stride`,
    text: ({ conv: { size_formula: formula, conv: { kernel, stride, padding } } }) => [
      `A filter of ${kernel}×${kernel} doesn’t fit over the edge, so the map would shrink. Padding first puts ${padding} ${padding === 1 ? 'row and column' : 'rows and columns'} of zeros around the image: the striped cells of this corner's patch.`,
      `${stride > 1 ? `And a stride of ${stride} takes only every ${stride === 2 ? 'second' : `${stride}th`} position. ` : ''}Together: ${formula}.`],
    select: ({ conv, map }) => ({ stage: conv.name, map, y: 0, x: 0 }), near: '#cell-panel',
  },
  {
    title: () => 'Batch normalisation',
    text: ({ conv }) => [`Before the next layer gets them, the values of each map are normalised: the mean found in training is subtracted, and they are divided by their standard deviation. Two learned numbers then scale and shift them.`,
      `It helps prevent overfitting and makes the network better, says the report. The line “Batch norm” in the panel shows it for this cell of ${conv.short}.`],
    select: (now) => ({ stage: now.conv.name, map: now.map, y: strongest(now).y, x: strongest(now).x }), near: '#cell-panel',
  },
  {
    title: ({ conv }) => `The activation behind ${conv.short}`,
    text: ({ conv }) => ACTIVATIONS[conv.act.name](conv.short),
    select: ({ conv, map }) => ({ stage: conv.name, map }), near: '#cell-panel',
  },
  {
    title: ({ pool }) => `Why ${pool.short} is ${pool.stride === 2 ? 'half as large' : 'smaller'}`,
    text: ({ pool }) => [`A window of ${pool.kernel}×${pool.kernel} moves in steps of ${pool.stride} and keeps only the largest of its values: ${pool.size_formula}, in height as in width.`,
      'So the size shrinks while the most prominent features stay, and a small shift of your letter changes little.'],
    select: (now) => {
      const { y, x } = strongest(now);
      const [, height, width] = now.pool.out_shape;
      const [row, column] = [y, x].map((at) => Math.floor(at / now.pool.stride));
      return { stage: now.pool.name, map: now.map, y: Math.min(row, height - 1), x: Math.min(column, width - 1) };
    },
    near: '#cell-panel',
  },
  {
    title: ({ after }) => `From maps to one row: ${after.short}`,
    text: ({ after, description: { stages } }) => {
      const last = stages[stages.indexOf(after) - 1] ?? after;
      const full = stages.filter(({ kind }) => kind === 'fc');
      const sum = (some) => some.reduce((all, { parameters }) => all + parameters, 0);
      const layers = full.length === 1 ? 'comes the fully connected layer' : 'come the fully connected layers';
      const row = after.kind === 'flatten' ? `${after.short} lays them in one row: ${after.size_formula}.` : after.sentence;
      return [`The layers between do the same again to maps of maps: features become more emphasized, the maps smaller, down to ${times(last.out_shape)}. ${row}`,
        `Then ${layers} (${full.map(({ short }) => short).join(', ')}): for every unit each value times a weight of its own, added up. ${Math.round(100 * sum(full) / sum(stages))} % of the network's parameters are there.`];
    },
    select: ({ after }) => ({ stage: after.name, map: null, y: null, x: null }), near: '#stage-open',
  },
  {
    title: () => 'Softmax: the answer',
    text: ({ session: { reading }, description: { alphabet, stages } }) => {
      const label = reading.answer?.label ?? 0;
      return [`${stages.at(-1).short} gives one value for each of the ${alphabet.classes.length} classes. Softmax turns them into probabilities: e to the power of each, divided by the sum of all. They are positive and add up to 100 %.`,
        `The highest is the answer: ${alphabet.titles[label]} with ${percent(reading.probabilities[label])}. That’s all: now change your letter or switch a map off, and see what happens.`];
    },
    select: ({ session: { reading } }) => ({ stage: 'softmax', map: reading.answer?.label ?? 0, y: 0, x: 0 }), near: '#cell-panel',
  },
];

/** What the steps speak of now, or null where nothing was drawn or the network is of another make. */
export function situation(session) {
  const { net, reading } = session;
  if (!net || !reading || reading.blank) return null;
  const { description } = net;
  const first = (kind) => description.stages.find((stage) => stage.kind === kind);
  const [conv, pool] = [first('conv'), first('pool')];
  const after = first('flatten') ?? first('gru') ?? first('fc');
  if (!conv || !pool || !after) return null;
  const { values } = session.output(conv.name);
  const each = values.length / conv.out_shape[0];
  let best = 0;
  for (let i = 1; i < values.length; i++) if (Math.abs(values[i]) > Math.abs(values[best])) best = i;
  const letter = reading.answer?.certain ? reading.answer.title : 'letter';
  return { session, description, conv, pool, after, letter, map: Math.floor(best / each) };
}
