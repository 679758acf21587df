import { SHIPPED_GUARDS, type Rule, type WafGuards } from '@flotilla/contracts';
import {
  countRuleBans,
  listExemptNetworks,
  listKnownBans,
  listWafRules,
  readWafGuards,
  type Database,
  type KnownBan,
} from '@flotilla/core-db';
import { LOG_KEYS, runPeriodically, type Logger } from '@flotilla/runtime';
import { cidrOf, planRules, type ExemptNetwork } from '@flotilla/traffic';
import type { WafPartition } from './waf-partition.ts';

/** What an operator has lifted counts so soon. */
const LOOK_EVERY_MS = 1000;
const MINUTE_MS = 60_000;
const LONGEST_PAUSE_MS = 5000;
/** Offences are remembered for a week. */
const REMEMBERED_MS = 7 * 86_400_000;

export interface BanWatch {
  /** Tells a partition all bans, and from then on what changes. @throws what the database throws */
  readonly follow: (number: number, partition: WafPartition) => Promise<void>;
  readonly leave: (number: number) => void;
  /** How much may be banned, as operators have set it. */
  readonly guards: () => WafGuards;
  /** Bans that rules made in the last minute, whichever process decided them. */
  readonly countFleetBans: () => number;
  readonly finished: Promise<void>;
}

/** Tells the owned partitions which rules and bans there are, and whom nobody may ban, until the signal aborts. */
export function watchBans(
  { database, logger }: { readonly database: Database; readonly logger: Logger },
  signal: AbortSignal,
): BanWatch {
  const followed = new Map<number, { readonly partition: WafPartition; revision: number }>();
  let exempt: readonly ExemptNetwork[] = [];
  let guards: WafGuards = SHIPPED_GUARDS;
  let fleetBans = 0;
  let rules: readonly Rule[] = [];
  /** Of the stored ones that `rules` were made of. */
  let rulesVersion: string | null = null;

  const readBans = (revision: number): Promise<KnownBan[]> =>
    listKnownBans(database.manager, { revision, createdSince: new Date(Date.now() - REMEMBERED_MS) });

  const readExempt = async (): Promise<void> => {
    const networks = await listExemptNetworks(database.manager);
    exempt = networks.map(({ network, why }) => ({ network: cidrOf(network), why }));
    for (const { partition } of followed.values()) partition.setExempt(exempt);
  };

  const readRules = async (): Promise<void> => {
    const stored = await listWafRules(database.manager);
    const version = JSON.stringify(stored);
    if (version === rulesVersion) return;
    rulesVersion = version;
    rules = planRules(stored);
    for (const { partition } of followed.values()) partition.setRules(rules);
  };

  const readGuards = async (): Promise<void> => {
    guards = await readWafGuards(database.manager);
    fleetBans = await countRuleBans(database.manager, new Date(Date.now() - MINUTE_MS));
    for (const { partition } of followed.values()) partition.setGuards(guards);
  };

  const look = async (): Promise<void> => {
    if (followed.size === 0) return;
    await Promise.all([readExempt(), readRules(), readGuards()]);
    const known = [...followed.values()];
    const changes = await readBans(Math.min(...known.map(({ revision }) => revision)));
    for (const one of known) {
      one.partition.learn(changes.filter(({ revision }) => revision > one.revision));
      one.revision = changes.at(-1)?.revision ?? one.revision;
    }
  };
  const loop = runPeriodically(look, {
    intervalMs: LOOK_EVERY_MS,
    maxBackoffMs: LONGEST_PAUSE_MS,
    signal,
    onError: (err, attempt) =>
      logger.warn({ err, [LOG_KEYS.attempt]: attempt }, 'cannot read which rules and bans there are'),
  });

  return {
    follow: async (number, partition) => {
      await Promise.all([readExempt(), readRules(), readGuards()]);
      partition.setGuards(guards);
      partition.setExempt(exempt);
      partition.setRules(rules);
      const bans = await readBans(0);
      partition.learn(bans);
      followed.set(number, { partition, revision: bans.at(-1)?.revision ?? 0 });
    },
    guards: () => guards,
    countFleetBans: () => fleetBans,
    leave: (number) => void followed.delete(number),
    finished: loop.finished,
  };
}
