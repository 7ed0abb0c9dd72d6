// The table of runs, run by gr.HTML after live.js with: element, trigger. Renaming and deleting ask first.
const dialog = document.createElement('dialog');
dialog.className = 'runs-dialog';
dialog.innerHTML = `<form method="dialog"><h3></h3><p></p><input name="name" maxlength="60" aria-label="New name">
  <footer><button value="cancel" type="button">Keep as it is</button><button value="go"></button></footer></form>`;
document.body.append(dialog);
const [title, text, field] = ['h3', 'p', 'input'].map((part) => dialog.querySelector(part));
const [keep, go] = dialog.querySelectorAll('button');
let asked = null; // what the dialog asks about: { run, what }

function ask(run, what) {
  asked = { run, what };
  const deleting = what === 'delete';
  title.textContent = deleting ? `Delete ${run}?` : `Rename ${run}`;
  text.textContent = deleting ? 'Its network, curves and log are removed for good.' : '';
  field.hidden = deleting;
  field.value = run;
  go.textContent = deleting ? 'Delete' : 'Rename';
  go.className = deleting ? 'danger' : '';
  dialog.showModal();
  (deleting ? keep : field).focus();
}
keep.addEventListener('click', () => dialog.close());
dialog.querySelector('form').addEventListener('submit', () => {
  if (asked) trigger('click', { run: asked.run, what: asked.what, name: field.value });
});
dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
dialog.addEventListener('close', () => { asked = null; });

element.addEventListener('click', (event) => {
  const pressed = event.target.closest('[data-do]');
  const row = pressed && pressed.closest('[data-run]');
  if (!row) return;
  const [run, what] = [row.dataset.run, pressed.dataset.do];
  if (what === 'rename' || what === 'delete') ask(run, what);
  else trigger('click', { run, what, name: pressed.checked ? 'on' : '' });
});
