import { describe, expect, it } from 'vitest';
import { parseOsRelease } from './parse-os-release.ts';

const DEBIAN = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
ID=debian
`;

describe('parseOsRelease', () => {
  it.each([
    ['Debian’s file', DEBIAN, 'Debian GNU/Linux 12 (bookworm)'],
    ['name and version without a pretty name', 'NAME=Alpine\nVERSION=3.20\n', 'Alpine 3.20'],
    ['single quotes', "PRETTY_NAME='My OS'", 'My OS'],
    ['escaped characters', 'PRETTY_NAME="The \\"Best\\" OS for \\$5"', 'The "Best" OS for $5'],
    ['comments and Windows line ends', '# hello\r\nPRETTY_NAME="X"\r\n', 'X'],
    ['an empty file', '', null],
    ['an empty name', 'PRETTY_NAME=""\n', null],
  ])('reads %s', (_, text, name) => expect(parseOsRelease(text)).toBe(name));
});
