import { expect, it } from 'vitest';
import { chooseControlSocket } from './choose-control-socket.ts';

const deepest = `/${'d'.repeat(107 - '/run/control.sock'.length - 1)}`;

it.each([
  { name: 'below the root', root: '/var/lib/agent/nginx', expected: '/var/lib/agent/nginx/run/control.sock' },
  { name: 'at the longest', root: deepest, expected: `${deepest}/run/control.sock` },
  { name: 'elsewhere when that is too long', root: `${deepest}d`, expected: '/tmp/flotilla-nginx-abc.sock' },
  {
    name: 'elsewhere when its bytes are too many',
    root: `/${'ж'.repeat(60)}`,
    expected: '/tmp/flotilla-nginx-abc.sock',
  },
])('the control socket is $name', ({ root, expected }) => {
  expect(chooseControlSocket(root, '/tmp', 'abc')).toBe(expected);
});
