// The parts of the Read page that go into detail, mounted together: one cell, the tools below the stage, the tour.

import { mount as mountCell } from './cell_panel.js';
import { mount as mountTools } from './edits.js';
import { play } from './ideas_link.js';
import { mount as mountTour } from './tour.js';

/**
 * @param {object} session session.js
 * @param {URL} base what the addresses of routes.py are relative to
 * @param {object} links links.js: knows the tour's step that the address names
 * @returns {object} the tour, as tour.js gives it
 */
export function mountDetail(session, base, links) {
  const sample = (name) => {
    const address = new URL('network/glyphs.json', base);
    address.searchParams.set('name', name);
    return address.href;
  };
  mountCell(document.querySelector('#cell-panel'), session, { play });
  mountTools(document.querySelector('#read-tools'), session, { sample });
  const tour = mountTour(document.querySelector('#tour'), session, { onstep: (step) => links.setTour(step) });
  const follow = () => {
    const { givenTour } = links;
    if (givenTour !== null && givenTour !== tour.step) tour.go(givenTour, { focus: false });
  };
  let opened = false;
  session.on('network', (net) => { if (net && !opened) { opened = true; follow(); } });
  return tour;
}
