// A recording drawn as if it were live, run by gr.HTML after live.js with: element, watch. The lines are all there: they
// are uncovered from left to right, and the clock shows the newest point.
const PLAY_SECONDS = 12;
let playing = ''; // what is or was played last
function play() {
  const charts = element.querySelector('.charts');
  const wanted = (charts && charts.dataset.play) || '';
  if (wanted === playing) return;
  playing = wanted;
  if (!wanted) { uncover(1); return; }
  const began = performance.now();
  const tick = (now) => {
    if (playing !== wanted || !element.isConnected) return;
    const part = Math.min(1, (now - began) / 1000 / PLAY_SECONDS);
    uncover(part, true);
    if (part < 1) requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
}
function uncover(part, tell) {
  const card = document.querySelector('#run-card .run-recording');
  if (card) { // its bar follows the recording
    const percent = (100 * part).toFixed(1);
    card.querySelector('.run-progress').textContent = `${percent} %`;
    card.querySelector('.run-bar').setAttribute('aria-valuenow', percent);
    card.querySelector('.run-bar i').style.width = `${percent}%`;
  }
  for (const lines of element.querySelectorAll('.chart-runs')) {
    lines.style.clipPath = part < 1 ? `inset(-8px ${100 * (1 - part)}% -8px -8px)` : '';
  }
  const clock = element.querySelector('.charts-clock');
  if (!clock) return;
  clock.hidden = !tell;
  clock.dataset.own = '1';
  const points = JSON.parse(element.querySelector('.chart').dataset.readout).filter((point) => point[0] <= part);
  clock.textContent = `Recording: ${points.length ? points[points.length - 1][1] : 'it begins'}`;
}
watch('value', () => setTimeout(play));
setTimeout(play);
