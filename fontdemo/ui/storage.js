// What the page keeps, where a browser keeps nothing: it is lost when the page is closed. A browser that blocks
// third-party data does so for a page in a frame, and Gradio's own scripts would fail and show nothing at all. Runs in
// the page's head.
for (const name of ['localStorage', 'sessionStorage']) {
  try { window[name].length; } catch {
    const kept = new Map();
    Object.defineProperty(window, name, { value: {
      getItem: (key) => kept.get(String(key)) ?? null,
      setItem: (key, value) => { kept.set(String(key), String(value)); },
      removeItem: (key) => { kept.delete(String(key)); },
      clear: () => kept.clear(),
      key: (index) => [...kept.keys()][index] ?? null,
      get length() { return kept.size; },
    } });
  }
}
