import type { Page } from 'playwright-core';

interface AxeViolation {
  readonly id: string;
  readonly impact: string;
  readonly help: string;
  readonly places: readonly string[];
}

/** Runs in the page, where axe-core was put by an init script. */
const RUN_AXE = `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations.map(
  ({ id, impact, help, nodes }) => ({ id, impact, help, places: nodes.map(({ target }) => target.join(' ')) })))`;

/** How many pixels of the page stick out to the right, and the first elements that do. */
const FIND_OVERFLOW = `(() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return null;
  const wide = [...document.querySelectorAll('body *')].filter((element) => element.getBoundingClientRect().right > width + 1);
  return document.documentElement.scrollWidth - width + ' px: ' +
    wide.slice(-3).map((element) => element.tagName.toLowerCase() + '.' + element.className).join(', ');
})()`;

const SERIOUS: ReadonlySet<string> = new Set(['serious', 'critical']);

/** What is wrong with a page as it stands: serious violations of accessibility rules, and what sticks out of it. */
export async function readPageProblems(page: Page): Promise<string[]> {
  const violations = await page.evaluate<AxeViolation[]>(RUN_AXE);
  const overflow = await page.evaluate<string | null>(FIND_OVERFLOW);
  return [
    ...violations
      .filter(({ impact }) => SERIOUS.has(impact))
      .map(({ id, help, places }) => `axe ${id}: ${help} (${places.slice(0, 4).join(' | ')})`),
    ...(overflow === null ? [] : [`sticks out by ${overflow}`]),
  ];
}
