import type { z } from 'zod';

export interface EntryRules<Entry> {
  /** Reads a list that has this entry alone. */
  readonly check: (entries: [Entry]) => z.ZodSafeParseResult<readonly Entry[]>;
  readonly nameOf: (entry: Entry) => string;
  readonly maxCount: number;
  /** Of all of them as JSON. */
  readonly maxBytes: number;
}

export interface ChosenEntries<Entry> {
  readonly taken: readonly Entry[];
  /** Name and reason of the others; never more of an entry than its name. */
  readonly refused: readonly string[];
}

/** The entries of a list that a specification takes. One that is refused costs itself alone. */
export function chooseEntries<Entry>(entries: readonly Entry[], rules: EntryRules<Entry>): ChosenEntries<Entry> {
  const taken: Entry[] = [];
  const refused: string[] = [];
  let bytes = 0;
  for (const entry of entries) {
    const parsed = rules.check([entry]);
    const [valid] = parsed.data ?? [];
    const size = Buffer.byteLength(JSON.stringify(entry)) + 1;
    const refuse = (reason: string): number => refused.push(`${rules.nameOf(entry)} (${reason})`);
    if (valid === undefined) refuse(parsed.error?.issues[0]?.message ?? 'is not accepted');
    else if (taken.length === rules.maxCount) refuse(`more than ${rules.maxCount}`);
    else if (bytes + size > rules.maxBytes) refuse(`more than ${rules.maxBytes} bytes in all`);
    else {
      bytes += size;
      taken.push(valid);
    }
  }
  return { taken, refused };
}
