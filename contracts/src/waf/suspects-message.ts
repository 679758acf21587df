import { z } from 'zod';
import { EARLIEST_SAMPLE_MS, LATEST_SAMPLE_MS } from '../bus/metrics-message.ts';
import { clientKey } from '../values/client-key.ts';
import { countryCode } from '../values/country-code.ts';
import { entityId } from '../values/identifiers.ts';
import { isPlainText } from '../values/text.ts';
import { suspicionClass, type SuspicionClass } from './suspicion-class.ts';

/** What one message may hold. An agent that has more sends several. */
export const MAX_SUSPECTS_PER_MESSAGE = 500;
export const MAX_ENTRIES_PER_SUSPECT = 40;
export const MAX_SAMPLES_PER_SUSPECT = 3;
export const MAX_SAMPLE_LENGTH = 512;
export const MAX_SUSPECT_PATH_LENGTH = 256;
export const MAX_SUSPECT_AGENT_LENGTH = 256;
/** Of a sketch of distinct paths: as many of the smallest hashes. */
export const PATH_SKETCH_SIZE = 64;

/** No node serves as many to one client between two messages: a number beyond it is a mistake, or a lie. */
const MAX_COUNT = 10_000_000;
const knownClasses: ReadonlySet<string> = new Set(suspicionClass.options);
const isKnown = (name: string): name is SuspicionClass => knownClasses.has(name);

const timeMs = z.number().int().min(EARLIEST_SAMPLE_MS).max(LATEST_SAMPLE_MS);
const count = z.number().int().min(1).max(MAX_COUNT);
const large = z
  .number()
  .int()
  .min(0)
  .max(2 ** 40);
/** As strangers wrote it; whoever sends it has written control characters as `\xHH`. */
const logText = (maxLength: number) => z.string().max(maxLength).refine(isPlainText, 'has control characters');
/** A newer agent's classes that are not known here are left out. */
const classes = z.array(z.string().max(40)).max(30);

/** Requests of one client that are alike. */
const suspectEntry = z.object({
  serviceId: entityId.nullable(),
  classes: classes.transform((names) => names.filter(isKnown)),
  /** Null when the request had no line that can be read. */
  method: logText(32).nullable(),
  status: z.number().int().min(0).max(999).nullable(),
  /** As the client sent it, without its query, cut to its first characters. */
  path: logText(MAX_SUSPECT_PATH_LENGTH).nullable(),
  userAgent: logText(MAX_SUSPECT_AGENT_LENGTH).nullable(),
  count,
  /** Of the first and the last of them, by the Core's clock. */
  firstAt: timeMs,
  lastAt: timeMs,
});
export type SuspectEntry = z.infer<typeof suspectEntry>;

/** What one client did at one node since the node's previous message about it. */
const suspect = z.object({
  client: clientKey,
  /** Those seen most; what is beyond their number is only counted. */
  entries: z.array(suspectEntry).max(MAX_ENTRIES_PER_SUSPECT),
  /** Suspicious requests that are in no entry, by class. */
  others: z
    .record(z.string().max(40), z.number().int().min(0).max(MAX_COUNT))
    .refine((counts) => Object.keys(counts).length <= 30, 'has too many classes')
    .transform(keepKnown),
  /** Lines of the log. */
  samples: z.array(logText(MAX_SAMPLE_LENGTH)).max(MAX_SAMPLES_PER_SUSPECT),
  /** All requests of the client, suspicious or not: a flood that no node notices is noticed as the sum over nodes. */
  requests: z.number().int().min(0).max(MAX_COUNT),
  /** Of the distinct pages among them: the smallest hashes (`hashText` in traffic, of what `plainPath` gives), all of them when there are fewer. */
  pathHashes: z.array(z.uint32()).max(PATH_SKETCH_SIZE),
  /** It was given a challenge's answer under `/.well-known/acme-challenge/`: perhaps an authority that validates. */
  hasFetchedChallenge: z.boolean().default(false),
  /** Where the client is, by the node's GeoIP database (ISO 3166, two letters). Null without one, and when it does not know. */
  country: countryCode.nullable().default(null),
});
export type Suspect = z.infer<typeof suspect>;

/**
 * Body of a message in SUSPECTS: clients of one partition (`suspectsPartition` in traffic: that of the client's network) as
 * one node saw them since its previous message to that partition. Every request is counted in exactly one message. Whose
 * it is, the subject says.
 */
export const suspectsMessage = z.object({
  /** By the Core's clock. Grows from message to message of an agent to a partition: with both of them it is the key that tells a repeat. */
  sampledAt: timeMs,
  /** The node's traffic of the ten minutes until `sampledAt`, of all partitions; null while it does not know. */
  node: z
    .object({
      /** Requests that nothing was suspicious about. */
      ordinaryRequests: large,
      /** Distinct clients, about. */
      clients: large,
    })
    .nullable(),
  suspects: z.array(suspect).max(MAX_SUSPECTS_PER_MESSAGE),
});
export type SuspectsMessage = z.infer<typeof suspectsMessage>;

function keepKnown(counts: Record<string, number>): Partial<Record<SuspicionClass, number>> {
  return Object.fromEntries(Object.entries(counts).filter(([name]) => isKnown(name)));
}
