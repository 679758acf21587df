import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildAttack, buildOrdinaryBrowsing, formatAsCombined, formatFlotilla } from '../testing/ordinary-browsing.ts';
import type { Ask } from '../testing/browsing/session.ts';
import type { ReplayedBan } from './format-ban.ts';
import { lineReaders } from './line-readers.ts';
import { readOptions } from './read-options.ts';
import { runReplay } from './run-replay.ts';

const LEAST_LINES = 50_000;
const BOUND_MS = 60_000;
const formats = { flotilla: formatFlotilla, combined: formatAsCombined } as const;

let folder = '';
let ordinary: Ask[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'browsing-'));
  ordinary = buildOrdinaryBrowsing(20_260_302);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes a log for each service of each node, and reads them all. */
async function replay(
  asks: readonly Ask[],
  format: keyof typeof formats,
): Promise<{ bans: ReplayedBan[]; told: string }> {
  const logs = new Map<string, string[]>();
  for (const one of asks) {
    const owner = `${one.node} ${one.service}`;
    const lines = logs.get(owner) ?? [];
    lines.push(formats[format](one));
    logs.set(owner, lines);
  }
  const nodes = [...logs].flatMap(([owner, lines]) => {
    const [node = '', service = ''] = owner.split(' ');
    const file = join(folder, `${format}-${node}-${service}.log`);
    writeFileSync(file, lines.map((line) => `${line}\n`).join(''));
    return ['--node', `${node}=${file}:${service}`];
  });
  const reader = lineReaders.get(format);
  if (reader === undefined) throw new Error(`nothing reads ${format}`);
  const bans: ReplayedBan[] = [];
  const told: string[] = [];
  await runReplay(readOptions(['--format', format, '--json', ...nodes], [format]), reader, {
    print: (line) => bans.push(JSON.parse(line) as ReplayedBan),
    tell: (line) => told.push(line),
  });
  return { bans, told: told.join('\n') };
}

describe.each(['flotilla', 'combined'] as const)('ordinary browsing, as %s writes it', (format) => {
  it(
    'bans nobody',
    async () => {
      expect(ordinary.length).toBeGreaterThan(LEAST_LINES);
      const { bans, told } = await replay(ordinary, format);
      expect(bans.map(({ client, rule, evidence }) => [client, rule, evidence])).toEqual([]);
      expect(told).toContain(`${ordinary.length} lines`);
      expect(told).toContain(' 0 without time or address; 0 bans; 0 requests would have been refused');
      expect(told, 'nor is anybody held back by a guard').not.toMatch(/held|spared|capped/);
    },
    BOUND_MS,
  );

  it(
    'bans exactly the one among them who attacks (negative control)',
    async () => {
      const attack = buildAttack('192.0.2.66');
      const asks = [...ordinary, ...attack].toSorted((one, other) => one.at - other.at);
      const { bans } = await replay(asks, format);
      expect(bans.map(({ client }) => client)).toEqual(['192.0.2.66']);
    },
    BOUND_MS,
  );
});
