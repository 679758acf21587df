import { describe, expect, it } from 'vitest';
import { parseCreds } from './parse-creds.ts';

const creds = `-----BEGIN NATS USER JWT-----
eyJ0.eyJh.SIG
------END NATS USER JWT------

************************* IMPORTANT *************************
-----BEGIN USER NKEY SEED-----
SUAABC
------END USER NKEY SEED------`;

describe('parseCreds', () => {
  it.each([
    ['as a file', `${creds}\n`],
    ['without the last line break', creds],
    ['with the line breaks of Windows', creds.replaceAll('\n', '\r\n')],
  ])('reads credentials %s', (_, text) => {
    expect(parseCreds(text)).toEqual({ jwt: 'eyJ0.eyJh.SIG', seed: 'SUAABC' });
  });

  it.each(['', creds.slice(0, 100), creds.slice(60)])('refuses what lacks a part', (text) => {
    expect(() => parseCreds(text)).toThrow('no NATS credentials');
  });
});
