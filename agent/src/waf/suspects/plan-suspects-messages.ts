import { MAX_SUSPECTS_PER_MESSAGE, type Suspect, type SuspectsMessage } from '@flotilla/contracts';
import { suspectsPartition } from '@flotilla/traffic';

/** Half of what a message on the bus may have. */
const MAX_MESSAGE_BYTES = 524_288;

export interface PartitionSuspects {
  readonly partition: number;
  readonly message: SuspectsMessage;
}

/**
 * The messages of one look: clients of one partition together, in more than one message when these would be too many or too large.
 * @param sampledAt of the first; each has a time of its own, a millisecond after the one before
 */
export function planSuspectsMessages(
  suspects: readonly Suspect[],
  node: SuspectsMessage['node'],
  sampledAt: number,
): PartitionSuspects[] {
  const byPartition = Map.groupBy(suspects, ({ client }) => suspectsPartition(client));
  const packed = [...byPartition].flatMap(([partition, all]) => pack(all).map((some) => ({ partition, some })));
  return packed.map(({ partition, some }, index) => ({
    partition,
    message: { sampledAt: sampledAt + index, node, suspects: some },
  }));
}

function pack(suspects: readonly Suspect[]): Suspect[][] {
  const messages: Suspect[][] = [];
  let bytes = Infinity;
  for (const suspect of suspects) {
    const size = Buffer.byteLength(JSON.stringify(suspect)) + 1;
    const last = messages.at(-1);
    if (last === undefined || bytes + size > MAX_MESSAGE_BYTES || last.length >= MAX_SUSPECTS_PER_MESSAGE) {
      messages.push([suspect]);
      bytes = size;
    } else {
      last.push(suspect);
      bytes += size;
    }
  }
  return messages;
}
