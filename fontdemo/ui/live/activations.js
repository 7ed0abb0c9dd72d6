// The activations by name, as fontdemo/network/stages.py has them: over a whole array, and of one number.
// `act` is {name, slope} or {name, alpha} of the description, or null for none.

export const OF_ONE = {
  relu: (v) => (v > 0 ? v : 0),
  leaky_relu: (v, act) => (v > 0 ? v : act.slope * v),
  elu: (v, act) => (v > 0 ? v : act.alpha * Math.expm1(v)),
  silu: (v) => v / (1 + Math.exp(-v)),
  sigmoid: (v) => 1 / (1 + Math.exp(-v)),
};

/** The activation of one number; the number itself where there is none. */
export const activated = (act, value) => (act ? OF_ONE[act.name](value, act) : value);

/** The activation of all `values`, in place. */
export function activate(act, values) {
  // A loop each: one loop that calls a function by name runs at half the speed once it has met several.
  if (act.name === 'silu') {
    for (let i = 0; i < values.length; i++) values[i] /= 1 + Math.exp(-values[i]);
  } else if (act.name === 'relu') {
    for (let i = 0; i < values.length; i++) if (values[i] < 0) values[i] = 0;
  } else if (act.name === 'leaky_relu') {
    const { slope } = act;
    for (let i = 0; i < values.length; i++) if (values[i] < 0) values[i] *= slope;
  } else {
    const one = OF_ONE[act.name];
    for (let i = 0; i < values.length; i++) values[i] = one(values[i], act);
  }
}
