import type { AgentFacts } from '@flotilla/contracts';
import { expect, it } from 'vitest';
import { decideResend } from './decide-resend.ts';

const facts = (available: boolean): AgentFacts => ({
  hostname: 'web-1',
  operatingSystem: 'Debian 12',
  kernel: '6.1',
  architecture: 'x64',
  docker: { available, version: null, reason: null },
  proxy: { state: 'serving', reason: null, nginxVersion: null, httpPort: 80, httpsPort: 443 },
});
const nothing = { lacksFacts: true, lacksContainers: true, hasDocker: false };
const all = { lacksFacts: false, lacksContainers: false, hasDocker: true };

it.each([
  ['nothing is known and nothing comes', nothing, {}, true],
  ['all is known', all, {}, false],
  ['facts come from a host without Docker', nothing, { facts: facts(false) }, false],
  ['facts come, and say that there is Docker', nothing, { facts: facts(true) }, true],
  ['both come', nothing, { facts: facts(true), containers: [] }, false],
  ['the inventory is missing', { ...all, lacksContainers: true }, {}, true],
  ['the facts are missing, and only containers come', nothing, { containers: [] }, true],
])('when %s', (_, known, beat, expected) => expect(decideResend(known, beat)).toBe(expected));
