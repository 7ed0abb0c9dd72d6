// While Gradio builds the page, which takes a second or two, the browser already fetches what reading needs: the
// scripts, and the network that a newcomer sees, which is known before the page is. Runs in the page's head.
window.fontdemoEarly = (base, { scripts, network }) => {
  if (!window.Worker) return; // the server reads
  // Whoever chose a network before, or comes by a link, may see another one.
  const other = localStorage.getItem('fontdemo-network') || new URLSearchParams(location.hash.slice(1)).get('n');
  if (!other) {
    document.documentElement.dataset.network = network;
    for (const file of ['description.json', 'model.safetensors']) { // first, for it takes longest
      const address = new URL(`network/${file}`, base);
      address.searchParams.set('name', network);
      fetch(address).then((answer) => answer.arrayBuffer()).catch(() => {}); // the network's worker asks for it again
    }
  }
  for (const name of scripts) {
    const link = document.createElement('link');
    // Gradio's own scripts come first: they make the pad.
    document.head.append(Object.assign(link, { rel: 'modulepreload', fetchPriority: 'low', href: new URL(name, base).href }));
  }
};
