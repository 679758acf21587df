import { readFileSync } from 'node:fs';
import type { Rule } from '@flotilla/contracts';
import { escapeControl } from '../rules/escape-control.ts';
import { shippedRules } from '../rules/shipped-rules.ts';
import { FleetReplay } from './fleet-replay.ts';
import { banOf, formatBan, TABLE_HEAD } from './format-ban.ts';
import type { LineReader, LoggedRequest } from './logged-request.ts';
import { mergeLogs } from './merge-logs.ts';
import { parseRules } from './parse-rules.ts';
import { readLog, type LogTally } from './read-log.ts';
import { UsageError, type ReplayOptions } from './read-options.ts';

interface Output {
  /** A line of the result. */
  readonly print: (line: string) => void;
  /** A line about it. */
  readonly tell: (line: string) => void;
}

/**
 * Runs limiter and rules over logs, and prints whom they would have banned.
 * @throws {UsageError} when the rules' file is not one
 */
export async function runReplay(options: ReplayOptions, reader: LineReader, output: Output): Promise<void> {
  const rules = options.rulesFile === null ? shippedRules : readRules(options.rulesFile);
  const fleet = new FleetReplay(rules, options.limit);
  const tally: LogTally = { lines: 0, unreadable: 0 };
  const others = new Map<string, number>();
  let bans = 0;
  if (!options.isJson) output.print(TABLE_HEAD);
  const take = (request: LoggedRequest): void => {
    for (const decision of fleet.observe(request)) {
      const ban = banOf(decision);
      if (ban !== null) {
        bans += 1;
        output.print(options.isJson ? JSON.stringify(ban) : formatBan(ban));
      } else if (decision.by === 'rule') {
        const key = `${decision.decision.ruleId} ${decision.decision.outcome}`;
        others.set(key, (others.get(key) ?? 0) + 1);
      }
    }
  };
  const logs = options.logs.map(({ file, ...owner }) => readLog(file, owner, reader, tally));
  await mergeLogs(logs, take);
  output.tell(
    `${tally.lines} lines of ${logs.length} logs, ${tally.unreadable} without time or address; ${bans} bans; ` +
      `${fleet.refused} requests would have been refused.`,
  );
  for (const [key, count] of others) output.tell(`${count} times ${key.replace('_', ' ')}`);
}

function readRules(file: string): readonly Rule[] {
  const reading = parseRules(readFileSync(file, 'utf8'));
  if (reading.ok) return reading.rules;
  throw new UsageError(`${escapeControl(file)}: ${reading.problems.join('; ')}.`);
}
