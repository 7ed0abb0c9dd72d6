// Networks that are the visitor's own: each goes on from one of the server's, and is in this browser only. The server
// knows none of them: it reads with the one it goes on from (fontdemo/ui/network/names.py), and so does who gets a link.

export const OWN = 'hand:'; // what their names begin with, as in names.py

/** The server's network that `name` is, or goes on from. */
export const originOf = (name) => (name.startsWith(OWN) ? name.slice(OWN.length) : name);

const addresses = new Map();

/** Have a network at hand under this name. bytes: its weights, as safetensors. */
export function put(name, bytes) {
  drop(name);
  addresses.set(name, URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' })));
}

export function drop(name) {
  if (addresses.has(name)) URL.revokeObjectURL(addresses.get(name));
  addresses.delete(name);
}

/** Where the weights of a network are that is the visitor's own; null of any other. */
export const weightsOf = (name) => addresses.get(name) ?? null;
