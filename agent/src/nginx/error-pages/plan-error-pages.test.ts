import { expect, it } from 'vitest';
import { planErrorPages } from './plan-error-pages.ts';

const [own, common] = ['a'.repeat(64), 'b'.repeat(64)];

it('gives a status its own page, others of its class that of the class, and the rest none', () => {
  const pages = planErrorPages({ 503: own, '5xx': common, 404: own });
  expect(pages.get('503')).toEqual({ key: '503', hash: own });
  expect(pages.get('502')).toEqual({ key: '5xx', hash: common });
  expect(pages.get('404')).toEqual({ key: '404', hash: own });
  expect(pages.get('403')).toBeUndefined();
});

it('leaves to nginx what it answers before it knows the site', () => {
  const pages = planErrorPages({ '4xx': common, 400: own, 418: own, 599: own });
  for (const status of ['400', '408', '414', '418', '431', '599']) expect(pages.has(status), status).toBe(false);
  expect(pages.has('404'), 'the control').toBe(true);
});
