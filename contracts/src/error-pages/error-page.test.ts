import { describe, expect, it } from 'vitest';
import { findFieldProblems } from '../http/problem.ts';
import { errorPageSetInput, MAX_ERROR_PAGE_BYTES, splitErrorPage } from './error-page.ts';
import { errorPageHashes } from './error-page-settings.ts';

const parse = (pages: Record<string, unknown>) => errorPageSetInput.safeParse({ name: 'Ours', pages });

describe('a set of error pages', () => {
  it.each<[string, Record<string, unknown>]>([
    ['a status', { 404: '<h1>{{status}}</h1>' }],
    ['a class', { '5xx': 'x' }],
    ['every variable', { 503: '{{status}} {{ domain }} {{requestId}} {{time}}' }],
    ['other double braces', { 404: '<style>a{b{{c:d}}}</style>{{}}{{ 1 }}' }],
    ['as much as a page may have', { 404: 'x'.repeat(MAX_ERROR_PAGE_BYTES) }],
    ['server-side includes, which the agent makes harmless', { 404: '<!--# include file="/etc/passwd" -->' }],
  ])('takes %s', (_, pages) => expect(parse(pages).error).toBeUndefined());

  it.each<[string, Record<string, unknown>, string]>([
    ['no page', {}, 'pages'],
    ['an empty page', { 404: '' }, 'pages.404'],
    ['an unknown variable', { 404: 'x', 502: '{{status}} {{ upstream }}' }, 'pages.502'],
    ['half a character', { 404: '\ud800' }, 'pages.404'],
    ['a NUL', { 404: '\0' }, 'pages.404'],
    ['more bytes than 512 KiB, of fewer characters', { 404: 'я'.repeat(MAX_ERROR_PAGE_BYTES / 2 + 1) }, 'pages.404'],
    ['a status that is no error', { 200: 'x' }, 'pages.200'],
    ['a status that nginx answers by itself', { 400: 'x' }, 'pages.400'],
    ['a path for a status', { '../404': 'x' }, 'pages.../404'],
    [
      'more than 4 MiB together',
      Object.fromEntries(Array.from({ length: 9 }, (__, index) => [500 + index, 'x'.repeat(MAX_ERROR_PAGE_BYTES)])),
      'pages',
    ],
  ])('refuses %s, and names the field', (_, pages, field) => {
    const { error } = parse(pages);
    expect(error && findFieldProblems(error).map((problem) => problem.field)).toContain(field);
  });

  it('says which variable it does not know, and which there are', () => {
    const { error } = parse({ 404: '{{cookie}}' });
    expect(error?.issues[0]?.message).toBe(
      'has the unknown variable {{cookie}}; there are {{status}}, {{domain}}, {{requestId}}, {{time}}',
    );
  });
});

it('tells a page’s texts from its variables', () => {
  expect(splitErrorPage('a{{status}}b{{cookie}} {{ time }}')).toEqual([
    'a',
    { variable: 'status' },
    'b{{cookie}} ',
    { variable: 'time' },
    '',
  ]);
});

it('has hashes for names and error statuses for keys, and nothing that could be a path', () => {
  const hash = 'a'.repeat(64);
  expect(errorPageHashes.safeParse({ 404: hash, 599: hash, '5xx': hash }).success).toBe(true);
  for (const wrong of [{ 200: hash }, { 404: '../../etc/passwd' }, { 404: 'A'.repeat(64) }, { '404;': hash }])
    expect(errorPageHashes.safeParse(wrong).success, JSON.stringify(wrong)).toBe(false);
});
