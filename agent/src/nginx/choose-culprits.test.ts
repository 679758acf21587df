import { describe, expect, it } from 'vitest';
import { chooseCulprits } from './choose-culprits.ts';
import { buildSite } from './testing/build-site.ts';
import type { WrittenSite } from './write-site.ts';

function buildWrittenSite(file: string, text = '', ...others: string[]): WrittenSite {
  return { site: buildSite(), text, sharedFiles: [file, ...others], endpoints: {}, missingPages: [] };
}

const plain = buildWrittenSite('sites/plain.conf', '# about $nope\nserver { return 200 $nopes; }\n');
const braces = buildWrittenSite('sites/braces.conf', 'server { return 200 "a${nope}b"; }\n');
const bare = buildWrittenSite('sites/bare.conf', 'server { return 200 $nope; }\n', 'certificates/bare.pem');
const sites = [plain, braces, bare];

describe('chooseCulprits', () => {
  it.each([
    { words: 'invalid parameter in /n/sites/bare.conf:3', file: '/n/sites/bare.conf', expected: [bare] },
    { words: 'unknown directive in /n/nginx.conf:3', file: '/n/nginx.conf', expected: [] },
    { words: 'unknown "nope" variable', file: null, expected: [braces, bare] },
    {
      words: 'cannot load certificate "/n/certificates/bare.pem": BIO_new_file() failed',
      file: null,
      expected: [bare],
    },
    { words: 'bind() to 0.0.0.0:80 failed (13: Permission denied)', file: null, expected: [] },
  ])('$words', ({ words, file, expected }) => {
    expect(chooseCulprits({ words, file }, sites)).toEqual(expected);
  });
});
