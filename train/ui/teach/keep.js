// What the visitor wants kept is kept in this browser's own store (IndexedDB), under one name; never on the server.
// Where there is no such store, or it is full, a promise is rejected: the page goes on without.

const [STORE, KEY] = ['hand', 'mine'];

const asked = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

async function within(mode, what) {
  const opening = indexedDB.open('fontdemo', 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const store = await asked(opening);
  try {
    return await asked(what(store.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    store.close();
  }
}

/** Keep {drawings, networks: [[name, bytes]], chosen} in the place of what was kept before. */
export const keep = (record) => within('readwrite', (store) => store.put(record, KEY));

export const forget = () => within('readwrite', (store) => store.delete(KEY));

/** What was kept, or null: checked, since an older page may have kept something else. */
export async function kept() {
  const record = await within('readonly', (store) => store.get(KEY)).catch(() => null);
  const drawn = (one) => typeof one?.label === 'string' && Array.isArray(one.strokes);
  const network = (one) => typeof one?.[0] === 'string' && one[1] instanceof ArrayBuffer;
  if (!Array.isArray(record?.drawings) || !Array.isArray(record.networks)) return null;
  return {
    drawings: record.drawings.filter(drawn), networks: record.networks.filter(network), chosen: String(record.chosen ?? ''),
  };
}
