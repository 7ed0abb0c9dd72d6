// Where a browser keeps nothing for a page in another one's frame (third-party data blocked), Gradio's own scripts fail
// at the first look and show nothing at all. There it is kept until the page is closed. Runs in the page's head.
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
