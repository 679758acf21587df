import type { openPage } from './open-page.ts';

type Page = Awaited<ReturnType<typeof openPage>>['page'];

/** Runs in the page: keeps the time between each two frames, in milliseconds. */
const WATCH = `(() => {
  const frames = [];
  let before = performance.now();
  const next = () => {
    const now = performance.now();
    frames.push(now - before);
    before = now;
    window.benchRequest = requestAnimationFrame(next);
  };
  window.benchFrames = frames;
  window.benchRequest = requestAnimationFrame(next);
})()`;
const STOP = `(() => { cancelAnimationFrame(window.benchRequest); return window.benchFrames.slice(1); })()`;

/** Times between the frames that the page shows while something is done to it, in milliseconds. */
export async function watchFrames(page: Page, act: () => Promise<void>): Promise<number[]> {
  await page.evaluate(WATCH);
  await act();
  return page.evaluate<number[]>(STOP);
}

/** Moves the pointer from side to side of an area, one step a frame. */
export async function movePointer(page: Page, selector: string, steps: number): Promise<void> {
  const box = await page.locator(selector).first().boundingBox();
  if (box === null) throw new Error(`${selector} is not shown`);
  for (let step = 0; step <= steps; step += 1) {
    await page.mouse.move(box.x + 50 + ((box.width - 70) * step) / steps, box.y + box.height / 2);
  }
}

/** Draws as many lines of as many points as the page's charts have, on bare canvases of their size, in one frame. */
export async function drawBareLines(page: Page, lines: number, points: number): Promise<void> {
  await page.evaluate(`(() => {
    const canvases = [...document.querySelectorAll('.chart canvas')].map(({ width, height }) => {
      const canvas = document.createElement('canvas');
      Object.assign(canvas, { width, height });
      return canvas;
    });
    for (const canvas of canvases) {
      const { width, height } = canvas;
      const context = canvas.getContext('2d');
      for (let line = 0; line < ${lines}; line += 1) {
        context.beginPath();
        for (let point = 0; point < ${points}; point += 1) {
          context.lineTo((point / ${points}) * width, height / 2 + Math.sin(point / 7 + line) * height / 3);
        }
        context.stroke();
      }
    }
  })()`);
}
