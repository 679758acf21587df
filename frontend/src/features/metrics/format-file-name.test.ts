import { expect, it } from 'vitest';
import { formatFileName } from './format-file-name.ts';

it.each([
  [['node 1', 'Network: received'], 'node-1-Network-received.csv'],
  [['../../etc', 'CPU'], 'etc-CPU.csv'],
  [['узел', 'Память'], 'узел-Память.csv'],
  [['', 'http_total{code="200"}'], 'http_total-code-200.csv'],
])('of %j is %s', (parts, name) => expect(formatFileName(parts, 'csv')).toBe(name));

it('has an end', () => expect(formatFileName(['x'.repeat(500)], 'csv')).toHaveLength(124));
