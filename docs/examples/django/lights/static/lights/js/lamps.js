// Every lamp flashes as the chart says: so many flashes in a group, one group in a period.
(() => {
  "use strict";

  const FLASH = 400; // milliseconds a flash takes to swell and fade
  const PAUSE = 1000; // from one flash of a group to the next
  const DARK = 0.12;

  /** Keyframes of one period: `flashes` swells, then darkness. */
  function keyframes(flashes, period) {
    const frames = [{ opacity: DARK, offset: 0 }];
    for (let flash = 0; flash < flashes; flash += 1) {
      const start = flash * PAUSE;
      frames.push(
        { opacity: DARK, offset: start / period },
        { opacity: 1, offset: (start + FLASH / 2) / period },
        { opacity: DARK, offset: (start + FLASH) / period },
      );
    }
    return [...frames, { opacity: DARK, offset: 1 }];
  }

  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return; // the lamps shine steadily
  for (const lamp of document.querySelectorAll(".lamp")) {
    const flashes = Number(lamp.dataset.flashes);
    const period = Math.max(Number(lamp.dataset.period) * 1000, flashes * PAUSE);
    lamp.animate(keyframes(flashes, period), { duration: period, iterations: Infinity });
  }
})();
