import { expect, it } from 'vitest';
import { parseApiKey } from './parse-api-key.ts';

const secret = 's'.repeat(43);

it.each([
  [`flk_0190b6f07c3e70008000000000000001_${secret}`, '0190b6f0-7c3e-7000-8000-000000000001'],
  [`flk_0190B6F07C3E70008000000000000001_${secret}`, null],
  [`flk_0190b6f07c3e7000800000000000001_${secret}`, null],
  ['flk_0190b6f07c3e70008000000000000001_short', null],
  [`flj_0190b6f07c3e70008000000000000001_${secret}`, null],
  ['', null],
])('reads %s as the key of %s', (key, agentId) => expect(parseApiKey(key)).toBe(agentId));
