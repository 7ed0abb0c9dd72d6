// What the network gets instead of the drawing, while a "What if it were" is chosen: over the pad, in the accent's colour.

import { h, thumb } from './numbers.js';

/**
 * @param {HTMLElement} sheet the pad's sheet, which is what the network sees of a drawing
 * @param {object} session session.js
 */
export function mountGhost(sheet, session) {
  const shown = h('img.pad-ghost', { alt: '', hidden: true });
  sheet.querySelector('canvas').after(shown); // below all that stands on the pad
  function paint() {
    const { net, reading, variant, image } = session;
    shown.hidden = !net || !reading || reading.blank || !variant || Boolean(image);
    if (shown.hidden) return;
    const { side } = net.description;
    const [red, green, blue] = getComputedStyle(shown).color.match(/[\d.]+/g);
    shown.src = thumb(reading.image, side, side, (ink) => [red, green, blue, Math.round(150 * ink)]).toDataURL();
  }
  session.on('reading', paint);
  session.on('variant', (now) => { if (!now) shown.hidden = true; }); // of a new one the reading is on its way
}
