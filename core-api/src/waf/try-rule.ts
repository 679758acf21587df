import { setImmediate } from 'node:timers/promises';
import {
  MAX_TRIAL_HITS,
  rule as ruleSchema,
  suspectsMessage,
  type RuleSettings,
  type tryRule,
} from '@flotilla/contracts';
import { listExemptNetworks, readEvidence, readWafGuards, type DatabaseSession } from '@flotilla/core-db';
import { cidrOf, GUARD_DEFAULTS, RuleTrial, type TrialHit } from '@flotilla/traffic';
import type { z } from 'zod';
import { TooManyRequests } from '../http/index.ts';
import { refusePatterns } from './change-rules.ts';

const HOUR_MS = 3_600_000;
/** nginx gives up after 30 s. */
const LONGEST_MS = 15_000;
const RETRY_AFTER_SECONDS = 10;

export type TrialResult = z.output<(typeof tryRule)['response']>;

interface TrialDeps {
  readonly database: DatabaseSession;
  readonly now: () => Date;
}

/** One trial at a time in a process: each takes most of what a processor has to give, in pieces. */
export class RuleTrials {
  readonly #deps: TrialDeps;
  #isRunning = false;

  constructor(deps: TrialDeps) {
    this.#deps = deps;
  }

  /** @throws BadRequest that names a pattern which does not compile; TooManyRequests while another runs */
  async run(settings: RuleSettings, hours: number): Promise<TrialResult> {
    refusePatterns(settings);
    if (this.#isRunning) throw new TooManyRequests('Another rule is being tried.', RETRY_AFTER_SECONDS);
    this.#isRunning = true;
    try {
      return await tryOnHistory(this.#deps, settings, hours);
    } finally {
      this.#isRunning = false;
    }
  }
}

async function tryOnHistory({ database, now }: TrialDeps, settings: RuleSettings, hours: number): Promise<TrialResult> {
  const until = now();
  const from = new Date(until.getTime() - hours * HOUR_MS);
  const exempt = (await listExemptNetworks(database)).map(({ network, why }) => ({ network: cidrOf(network), why }));
  const guards = { ...GUARD_DEFAULTS, ...(await readWafGuards(database)) };
  const trial = new RuleTrial(ruleSchema.parse({ ...settings, id: 'tried', origin: 'own' }), { exempt, guards });
  const endsAt = performance.now() + LONGEST_MS;
  let messages = 0;
  for await (const rows of readEvidence(database, from)) {
    for (const { agentId, storedAt, message } of rows) {
      if (performance.now() > endsAt) return summarise(trial, { from, until: storedAt, messages, isComplete: false });
      const reading = suspectsMessage.safeParse(message);
      if (reading.success) trial.observe(reading.data, agentId, storedAt.getTime());
      messages += 1;
      // Others are answered in between.
      await setImmediate();
    }
  }
  return summarise(trial, { from, until, messages, isComplete: true });
}

interface Reading {
  readonly from: Date;
  readonly until: Date;
  readonly messages: number;
  readonly isComplete: boolean;
}

function summarise(trial: RuleTrial, { from, until, messages, isComplete }: Reading): TrialResult {
  const { hits, beyond } = trial.finish();
  const countOf = (outcome: TrialHit['decision']['outcome']): number =>
    hits.filter(({ decision }) => decision.outcome === outcome).length;
  const innocent = hits.filter(
    ({ decision, isOtherwiseInnocent }) => decision.outcome === 'banned' && isOtherwiseInnocent,
  );
  return {
    hits: hits
      .toSorted((one, other) => other.ordinaryRequests - one.ordinaryRequests)
      .slice(0, MAX_TRIAL_HITS)
      .flatMap(formatHit),
    banned: countOf('banned') + beyond,
    held: countOf('held'),
    spared: countOf('spared'),
    innocentRequests: innocent.reduce((sum, { ordinaryRequests }) => sum + ordinaryRequests, 0),
    innocentClients: innocent.length,
    messages,
    from: from.toISOString(),
    until: until.toISOString(),
    isComplete,
  };
}

function formatHit({ decision, ...rest }: TrialHit): TrialResult['hits'] {
  const { group: target, timeMs, outcome, reason, evidence } = decision;
  // A trial has no dry run.
  if (outcome === 'dry_run') return [];
  return [{ target, at: new Date(timeMs).toISOString(), outcome, reason, evidence: [...evidence], ...rest }];
}
