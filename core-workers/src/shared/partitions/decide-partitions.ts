export interface PartitionsView {
  /** Partitions that there are. */
  readonly total: number;
  readonly owned: readonly number[];
  /** Processes that share them, this one among them. */
  readonly workers: number;
}

export interface PartitionsDecision {
  /** To be given up for others. */
  readonly release: readonly number[];
  /** How many more may be taken. */
  readonly mayTake: number;
}

/** A fair share: as many as every other, one more where they do not come out even. */
export function decidePartitions({ total, owned, workers }: PartitionsView): PartitionsDecision {
  const share = Math.ceil(total / Math.max(1, workers));
  return { release: owned.slice(share), mayTake: Math.max(0, share - owned.length) };
}
