import { describe, expect, it } from 'vitest';
import { decideSameOrigin, type OriginEvidence } from './decide-same-origin.ts';

const publicOrigin = 'https://fleet.example.com';
const build = (evidence: Partial<OriginEvidence>): OriginEvidence => ({
  secFetchSite: undefined,
  origin: undefined,
  host: 'fleet.example.com',
  publicOrigin,
  ...evidence,
});

describe('decideSameOrigin', () => {
  it.each<[string, Partial<OriginEvidence>, boolean]>([
    ['a page of ours', { secFetchSite: 'same-origin', origin: publicOrigin }, true],
    ['a program without either header', {}, true],
    ['the public origin, plain browser', { origin: publicOrigin, host: '127.0.0.1:4000' }, true],
    ['the address that was typed', { origin: 'http://10.0.0.5:8080', host: '10.0.0.5:8080' }, true],
    ['another port of the same host', { secFetchSite: 'same-site', origin: 'https://fleet.example.com:444' }, false],
    ['another port, plain http', { origin: 'http://10.0.0.5', host: '10.0.0.5:8080' }, false],
    ['another site', { secFetchSite: 'cross-site', origin: 'https://evil.example' }, false],
    ['another site, plain http', { origin: 'http://evil.example' }, false],
    ['a sandboxed page', { origin: 'null' }, false],
    ['a cross-site claim against our own origin', { secFetchSite: 'cross-site', origin: publicOrigin }, false],
    ['no host', { origin: 'http://evil.example', host: undefined }, false],
  ])('%s', (_, evidence, allowed) => {
    expect(decideSameOrigin(build(evidence)).allowed).toBe(allowed);
  });
});
