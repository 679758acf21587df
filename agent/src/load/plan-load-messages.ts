import {
  MAX_CUSTOM_PER_REPLICA,
  MAX_SERVICES_PER_LOAD_MESSAGE,
  partitionOf,
  type LoadMessage,
  type ReplicaLoad,
  type ServiceLoad,
} from '@flotilla/contracts';

/** Half of what a message on the bus may have. */
const MAX_MESSAGE_BYTES = 524_288;

export interface PartitionMessage {
  readonly partition: number;
  readonly message: LoadMessage;
}

/**
 * The messages of one interval: services of one partition together, in more than one message when these would be too many or too
 * large. Each has a time of its own, a millisecond after the one before.
 */
export function planLoadMessages(
  services: readonly ServiceLoad[],
  { sampledAt, intervalMs }: Pick<LoadMessage, 'sampledAt' | 'intervalMs'>,
): PartitionMessage[] {
  const byPartition = Map.groupBy(services, ({ serviceId }) => partitionOf(serviceId));
  const packed = [...byPartition].flatMap(([partition, all]) => pack(all).map((some) => ({ partition, some })));
  return packed.map(({ partition, some }, index) => ({
    partition,
    message: { sampledAt: sampledAt + index, intervalMs, services: some },
  }));
}

function pack(services: readonly ServiceLoad[]): ServiceLoad[][] {
  const messages: ServiceLoad[][] = [];
  let bytes = Infinity;
  for (const service of services.map(fit)) {
    const size = sizeOf(service);
    const last = messages.at(-1);
    if (last === undefined || bytes + size > MAX_MESSAGE_BYTES || last.length >= MAX_SERVICES_PER_LOAD_MESSAGE) {
      messages.push([service]);
      bytes = size;
    } else {
      last.push(service);
      bytes += size;
    }
  }
  return messages;
}

/** A hundred replicas with fifty long names each do not fit; then each tells fewer figures, the first ones. */
function fit(service: ServiceLoad): ServiceLoad {
  let fitting = service;
  for (let most = MAX_CUSTOM_PER_REPLICA; sizeOf(fitting) > MAX_MESSAGE_BYTES; most = Math.floor(most / 2)) {
    fitting = { ...service, replicas: service.replicas.map((replica) => tellFewer(replica, most)) };
    if (most === 0) break;
  }
  return fitting;
}

function tellFewer(replica: ReplicaLoad, most: number): ReplicaLoad {
  return { ...replica, custom: Object.fromEntries(Object.entries(replica.custom).slice(0, most)) };
}

/** Names of figures are ASCII, so that characters are bytes. */
function sizeOf(service: ServiceLoad): number {
  return JSON.stringify(service).length + 1;
}
