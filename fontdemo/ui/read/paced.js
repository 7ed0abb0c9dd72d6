// What follows every reading but need not follow every move: words and numbers that nobody reads while the pen moves.

const REST = 12; // so many times as long as the work took nothing is done; laying its result out takes as long again

/**
 * A function that does `work` (which may give a promise): at once while the pen rests; while the pen moves no oftener
 * than a machine has time for beside the pen, however slow it is. The last call is never left out.
 */
export function paced(session, work) {
  let moving = false, running = false, timer = 0, free = 0;
  session.on('drawing', ({ live }) => { moving = live; });

  async function run() {
    const began = performance.now();
    running = true;
    try { await work(); } finally {
      running = false;
      free = performance.now() + REST * (performance.now() - began);
    }
  }

  return function follow() {
    clearTimeout(timer);
    const wait = running ? 10 : free - performance.now();
    if (!moving || wait <= 0) run(); else timer = setTimeout(follow, wait);
  };
}
