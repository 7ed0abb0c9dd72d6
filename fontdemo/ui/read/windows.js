// What a cell sees: of the maps of the stage before, and of the input image. Numbers only.

/** {rows, columns}, each [from, to), that the cell sees of the stage before; may reach outside. Null: all of it. */
export function windowOf(spec, y, x) {
  const one = (layer) => ({ kernel: layer.kernel, stride: layer.stride, padding: layer.padding });
  let seen = null;
  if (spec.kind === 'pool') seen = one(spec);
  else if (spec.conv) seen = one(spec.conv);
  if (spec.first && seen) { // two convolutions, one after the other
    const first = one(spec.first.conv);
    seen = {
      kernel: (seen.kernel - 1) * first.stride + first.kernel, stride: seen.stride * first.stride,
      padding: seen.padding * first.stride + first.padding,
    };
  }
  if (!seen) return null;
  const along = (at) => [at * seen.stride - seen.padding, at * seen.stride - seen.padding + seen.kernel];
  return { rows: along(y), columns: along(x) };
}

/** {rows, columns} [from, to) that the cell sees of the input image; the whole of it behind the maps. */
export function fieldOf(description, stage, y, x) {
  const { side, stages } = description;
  if (stage === 'input') return { rows: [y, y + 1], columns: [x, x + 1] };
  const field = stages.find(({ name }) => name === stage)?.field;
  if (!field) return { rows: [0, side], columns: [0, side] };
  const along = (at) => [
    Math.max(0, field.start + at * field.step), Math.min(side, field.start + at * field.step + field.size),
  ];
  return { rows: along(y), columns: along(x) };
}
