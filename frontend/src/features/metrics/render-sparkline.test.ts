import { expect, it } from 'vitest';
import { renderSparkline } from './render-sparkline.ts';

const box = { width: 20, height: 10, max: 100 };

it.each([
  ['nothing', [null, null], ''],
  ['a line', [0, 50, 100], 'M0 10L0 10L10 5L20 0'],
  ['gaps', [0, null, 100], 'M0 10L0 10M20 0L20 0'],
  ['what is out of the box', [-5, 300], 'M0 10L0 10L20 0'],
  ['one point', [50], 'M0 5L0 5'],
])('draws %s', (_, values, path) => expect(renderSparkline(values, box)).toBe(path));
