// The buttons that play a recording, run by gr.HTML after live.js with: element, trigger.
element.addEventListener('click', (event) => {
  const pressed = event.target.closest('[data-recording]');
  if (pressed) trigger('click', { recording: pressed.dataset.recording });
});
