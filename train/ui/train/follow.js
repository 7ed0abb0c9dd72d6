// The strip of what a drawing was taken for, run by gr.HTML after live.js with: element, trigger.
element.addEventListener('click', (event) => {
  const cell = event.target.closest('[data-epoch]');
  if (cell) trigger('click', { epoch: Number(cell.dataset.epoch) });
});
