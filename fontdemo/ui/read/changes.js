// What a visitor changed in the network, as session.edits has it ({off, kernels, biases}), and one step further: pure
// functions that give new edits. Of a kernel only the weights that were changed are kept: [[number, weight], ...].

const same = (one, other) => ['stage', 'layer', 'map', 'input'].every((key) => one[key] === other[key]);

/** Whether a map is switched off. */
export const isOff = (edits, stage, map) => Boolean(edits.off[stage]?.includes(map));

/** These maps of a stage switched off, or on again. */
export function switched(edits, stage, maps, off) {
  const others = (edits.off[stage] ?? []).filter((map) => !maps.includes(map));
  const next = off ? [...others, ...maps].sort((one, other) => one - other) : others;
  return { ...edits, off: { ...edits.off, [stage]: next } };
}

/** The change of a kernel, {stage, layer, map, input}, if there is one. */
export const kernelChange = (edits, which) => edits.kernels.find((one) => same(one, which)) ?? null;

/** One weight of a kernel changed, its `number` in the kernel; `was`: what it is in the network's file, and no change. */
export function withWeight(edits, which, number, weight, was) {
  const others = edits.kernels.filter((one) => !same(one, which));
  const kept = (kernelChange(edits, which)?.weights ?? []).filter(([other]) => other !== number);
  const weights = Math.fround(weight) === Math.fround(was) ? kept : [...kept, [number, weight]];
  return { ...edits, kernels: weights.length ? [...others, { ...which, weights }] : others };
}

/** How many changes there are in each map of a stage: Map(map => count). */
export function changedMaps({ off, kernels, biases }, stage) {
  const found = new Map();
  const all = [...(off[stage] ?? []), ...[...kernels, ...biases].filter((one) => one.stage === stage).map(({ map }) => map)];
  for (const map of all) found.set(map, (found.get(map) ?? 0) + 1);
  return found;
}

/** A kernel as it is in the network's file. */
export const withoutKernel = (edits, which) => ({ ...edits, kernels: edits.kernels.filter((one) => !same(one, which)) });

/** By how much a bias, {stage, layer, map}, is scaled. */
export const biasScale = (edits, which) => edits.biases.find((one) => same(one, which))?.scale ?? 1;

/** A bias scaled by another number; 1 is no change. */
export function withBias(edits, which, scale) {
  const others = edits.biases.filter((one) => !same(one, which));
  return { ...edits, biases: scale === 1 ? others : [...others, { ...which, scale }] };
}

/** How many things are changed. */
export const count = ({ off, kernels, biases }) =>
  Object.values(off).reduce((sum, maps) => sum + maps.length, 0) + kernels.length + biases.length;

/** Every change in words, with the edits that are left when it is put back: [{text, stage, map, without}]. */
export function listed(edits, title) {
  const map = (number) => `map ${number + 1}`;
  return [
    ...Object.entries(edits.off).flatMap(([stage, maps]) => maps.map((number) => ({
      text: `${title(stage)}, ${map(number)}: off`, stage, map: number, without: switched(edits, stage, [number], false),
    }))),
    ...edits.kernels.map((one) => ({
      text: one.layer === 'fc' ? `${title(one.stage)}, value ${one.map + 1}: weight of input ${one.input + 1}`
        : `${title(one.stage)}, ${map(one.map)}: kernel for input ${one.input + 1}`, stage: one.stage, map: one.map,
      without: withoutKernel(edits, one),
    })),
    ...edits.biases.map((one) => ({
      text: `${title(one.stage)}, ${map(one.map)}: ${one.layer?.endsWith('norm') ? 'shift' : 'bias'} × ${one.scale}`,
      stage: one.stage, map: one.map, without: withBias(edits, one, 1),
    })),
  ];
}
