// The cards of what to train, run by gr.HTML after live.js with: element, trigger.
element.addEventListener('change', (event) => {
  if (event.target.name === 'choice') trigger('click', { choice: event.target.value });
});
