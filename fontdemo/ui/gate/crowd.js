// Sends a request again when the server refused it because too many wait (429, 503), later each time. A line at the
// page's foot says so; Gradio hears of it only after half a minute.
(() => {
  const WAITS = [300, 600, 1200, 2400, 4000, 4000, 4000, 4000, 4000, 4000];
  const JOIN = /(^|\/)gradio_api\/queue\/join(\?|$)/;
  const plain = window.fetch;
  let waiting = 0;

  function show() {
    let line = document.getElementById('crowd');
    if (!line) {
      line = document.createElement('p');
      line.id = 'crowd';
      line.setAttribute('role', 'status');
      document.body.append(line);
    }
    line.textContent = waiting ? 'Many people are using this page right now. It’s your turn in a moment.' : '';
    line.hidden = !waiting;
  }

  const pause = (time) => new Promise((done) => setTimeout(done, time));

  window.fetch = async function (input, options) {
    const url = typeof input === 'string' ? input : input?.url ?? String(input);
    // A Request's body can be sent only once; Gradio gives an address and options.
    if (!JOIN.test(url) || input instanceof Request) return plain.call(window, input, options);
    let answer = await plain.call(window, input, options);
    if (answer.status !== 429 && answer.status !== 503) return answer;
    waiting += 1;
    show();
    try {
      for (const time of WAITS) {
        // Not all at the same moment: those who were refused together come back one after the other.
        await pause(time * (0.75 + 0.5 * Math.random()));
        answer = await plain.call(window, input, options);
        if (answer.status !== 429 && answer.status !== 503) break;
      }
    } finally {
      waiting -= 1;
      show();
    }
    return answer;
  };
})();
