// The buttons above the strip: the tour, all changes put back, what is shown saved. "Copy link" is links.js's.

import { count } from './changes.js';
import { csv, npy, offer, png } from './save.js';

/**
 * @param {HTMLElement} element the .strip-tools
 * @param {object} session session.js; strip, stage: what is saved; tour: tour.js's
 */
export function mountStripTools(element, session, { strip, stage, tour }) {
  const [back, save] = [element.querySelector('#put-back'), element.querySelector('.strip-save')];
  const begin = element.querySelector('#strip-tour');
  begin.disabled = false; // until now nothing would have heard of it
  begin.addEventListener('click', () => tour.go(1));
  back.addEventListener('click', () => {
    session.setEdits({});
    save.querySelector('summary').focus({ preventScroll: true }); // the button is gone
  });
  session.on('edits', (edits) => {
    const changes = count(edits);
    back.hidden = changes === 0;
    back.textContent = changes === 1 ? 'Put 1 change back' : `Put ${changes} changes back`;
  });
  element.addEventListener('click', async (event) => {
    const kind = event.target.closest('[data-save]')?.dataset.save;
    if (!kind || !session.reading) return;
    const { spec, canvas } = stage.shown;
    const { values, shape } = session.output(spec.name);
    const dark = document.body.classList.contains('dark');
    const one = { short: spec.short, shape: shape.join('×'), canvas };
    const made = {
      strip: () => png(strip.pictures(), { dark }), stage: () => png([one], { dark }),
      csv: () => csv(values, shape), npy: () => npy(values, shape),
    }[kind];
    const name = kind === 'strip' ? 'strip.png' : `${spec.name}.${kind === 'stage' ? 'png' : kind}`;
    offer(await made(), name);
    save.open = false;
  });
}
