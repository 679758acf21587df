import { describe, expect, it } from 'vitest';
import { renderErrorPage } from './render-error-page.ts';

const echo = (variable: string) => `<!--# echo var="${variable}" default="" -->`;
/** All that nginx would take for a directive. */
const directivesIn = (text: string): string[] => text.match(/<!--#[\s\S]*?-->/g) ?? [];

describe('renderErrorPage', () => {
  it('has nginx fill in the variables', () => {
    expect(renderErrorPage('<b>{{status}}</b> {{ domain }} {{requestId}} {{time}}')).toBe(
      `<b>${echo('status')}</b> ${echo('flotilla_domain')} ${echo('request_id')} ${echo('time_iso8601')}`,
    );
  });

  it('leaves other pages as they are', () => {
    const html = '<!doctype html><!-- a comment --><style>a{b:c}</style>{{}} {{ 1 }}';
    expect(renderErrorPage(html)).toBe(html);
  });

  it.each([
    '<!--# include virtual="/etc/passwd" -->',
    '<!--#include file="x" -->',
    '<!--#exec cmd="id" -->',
    '<!--# if expr="$http_cookie" --><!--# echo var="http_cookie" --><!--# endif -->',
    '<!--# set var="status" value="200" -->',
    '<!--<!--# echo var="http_cookie" -->',
    '<!--#<!--# echo var="http_cookie" -->',
  ])('makes nothing of %s', (html) => {
    expect(directivesIn(html).length, 'the control').toBeGreaterThan(0);
    expect(directivesIn(renderErrorPage(html))).toEqual([]);
    expect(directivesIn(renderErrorPage(`${html}{{status}}`))).toEqual([echo('status')]);
  });

  it.each([
    '<{{status}}!--# x -->',
    '<!{{status}}--# x -->',
    '<!-{{status}}-# x -->',
    '<!--{{status}}# echo var="x" -->',
  ])('does not let %s become a directive around a variable', (html) =>
    expect(directivesIn(renderErrorPage(html))).toEqual([echo('status')]),
  );
});
