// The settings of the report's CNN as a form, run by gr.HTML with: element, props, trigger, watch.
// props.value is their JSON (see fontdemo.network.what_if.SETTINGS), or '' for a network whose settings cannot be changed.
// What is typed goes out as it is: the server says in words what will not do, and nothing typed is lost.
const form = element.querySelector('.design-form');
const names = JSON.parse(form.dataset.activations);
const most = JSON.parse(form.dataset.most);
const columns = [['channels', 'Maps', 1], ['kernels', 'Kernel', 1], ['strides', 'Stride', 1], ['paddings', 'Padding', 0]];
let settings = null;
let sent = null; // the value that we set ourselves

const number = (path, label, least) => {
  const [name, index] = path.split('.');
  const value = index === undefined ? settings[name] : settings[name][index];
  return `<input type="number" data-path="${path}" aria-label="${label}" min="${least}" step="1" inputmode="numeric"
    value="${Number.isFinite(value) ? value : ''}">`;
};
const choice = (path, label) => {
  const [name, index] = path.split('.');
  const value = index === undefined ? settings[name] : settings[name][index];
  const options = Object.entries(names).map(
    ([key, title]) => `<option value="${key}" ${key === value ? 'selected' : ''}>${title}</option>`);
  return `<select data-path="${path}" aria-label="${label}">${options.join('')}</select>`;
};
const steps = (what, count, low, high) => `<span class="design-steps">
  <button type="button" data-do="less-${what}" aria-label="One ${what} layer less" ${count <= low ? 'disabled' : ''}>−</button>
  <button type="button" data-do="more-${what}" aria-label="One ${what} layer more" ${count >= high ? 'disabled' : ''}>+</button></span>`;

function build() {
  form.parentElement.classList.toggle('design-fixed', !settings);
  if (!settings) { form.innerHTML = ''; return; }
  const { channels, widths } = settings;
  const convolutions = channels.map((_, i) => `<tr><th>Conv${i + 1}</th>${columns.map(([name, label, least]) =>
    `<td>${number(`${name}.${i}`, `${label} of Conv${i + 1}`, least)}</td>`).join('')}</tr>`);
  const connected = widths.map((_, i) => `<tr><th>FC${i + 1}</th><td>${number(`widths.${i}`, `Width of FC${i + 1}`, 1)}</td>
    <td colspan="3">${choice(`fc_activations.${i}`, `Activation of FC${i + 1}`)}</td></tr>`);
  form.innerHTML = `<table>
    <thead><tr><th>${steps('convolutional', channels.length, 1, most.convolutions)}</th>
      ${columns.map(([, label]) => `<th>${label}</th>`).join('')}</tr></thead>
    <tbody>${convolutions.join('')}
      <tr><th>Pools</th><td>${number('pool', 'Window of the pooling', 1)}</td><td colspan="3" class="design-hint">window, after each convolution</td></tr>
      <tr><th>After</th><td colspan="4"><label>conv ${choice('conv_activation', 'Activation of the convolutions')}</label>
        <label>flatten ${choice('flatten_activation', 'Activation before flattening')}</label></td></tr></tbody>
    <thead><tr><th>${steps('FC', widths.length, 0, most.widths)}</th><th>Width</th><th colspan="3">Activation</th></tr></thead>
    <tbody>${connected.join('')}
      <tr><th>FC${widths.length + 1}</th><td colspan="4" class="design-hint">one value a class</td></tr></tbody></table>`;
}

function send() {
  sent = JSON.stringify(settings);
  props.value = sent;
  trigger('input');
}

function change(event) {
  const path = event.target.dataset?.path;
  if (!path) return;
  event.stopPropagation();
  const [name, index] = path.split('.');
  const text = event.target.value;
  const value = event.target.tagName === 'SELECT' ? text : text === '' ? null : Number(text);
  if (index === undefined) settings[name] = value; else settings[name][index] = value;
  send();
}
form.addEventListener('input', change);
form.addEventListener('change', (event) => event.stopPropagation());

form.addEventListener('click', (event) => {
  const what = event.target.closest('[data-do]')?.dataset.do;
  if (!what) return;
  const lists = what.endsWith('FC') ? { widths: 128, fc_activations: 'silu' }
    : { channels: settings.channels.at(-1), kernels: 3, strides: 1, paddings: 1 };
  for (const [name, fresh] of Object.entries(lists)) {
    if (what.startsWith('less')) settings[name].pop(); else settings[name].push(fresh);
  }
  build();
  (form.querySelector(`[data-do="${what}"]:enabled`) ?? form.querySelector('input'))?.focus();
  send();
});

// A value from the server: another network, or a step of the report's argument.
function receive() {
  if (props.value === sent) return;
  sent = props.value;
  try { settings = JSON.parse(props.value || 'null'); } catch { return; }
  build();
}
watch('value', receive);
receive();
