import { describe, expect, it } from 'vitest';
import { chooseWorkerAccount, parseAccounts } from './choose-worker-account.ts';

const accounts = parseAccounts(
  'root:x:0:0:root:/root:/bin/bash\nwww-data:x:33:33::/var/www:/bin/false\nnobody:x:65534:65534::/:/bin/false\n\n',
);
const folder = (mode: number, userId = 0, groupId = 0) => ({ mode, userId, groupId });

describe('chooseWorkerAccount', () => {
  it.each([
    { name: 'open folders', path: [folder(0o755), folder(0o755)], expected: 'www-data' },
    { name: 'a home of root’s above', path: [folder(0o755), folder(0o700), folder(0o755)], expected: undefined },
    { name: 'folders that can be passed but not listed', path: [folder(0o711)], expected: 'www-data' },
    { name: 'a folder for its group', path: [folder(0o750, 0, 33)], expected: 'www-data' },
    { name: 'a folder for another group', path: [folder(0o750, 0, 65_534)], expected: 'nobody' },
    { name: 'a folder of its own that it may not pass', path: [folder(0o077, 33, 0)], expected: 'nobody' },
  ])('$name → $expected', ({ path, expected }) => {
    expect(chooseWorkerAccount(accounts, path)?.name).toBe(expected);
  });
});
