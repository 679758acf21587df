import type { StreamDefinition } from '@flotilla/contracts';
import {
  DiscardPolicy,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  type JetStreamManager,
  type StreamConfig,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import type { BusConnection } from './connect-bus.ts';

/** JetStream's code for "stream not found" (nats-server, `errors.json`). */
const STREAM_NOT_FOUND = 10_059;

/**
 * Creates each stream, or brings an existing one to its definition. Safe to call from several processes at once: the
 * server takes a repeated creation with the same settings for the same one.
 * @param replicas copies of each stream; 3 on a cluster of three
 */
export async function ensureStreams(
  bus: BusConnection,
  definitions: readonly StreamDefinition[],
  replicas = 1,
): Promise<void> {
  const manager = await bus.jetstreamManager();
  for (const definition of definitions) await ensureStream(manager, definition, replicas);
}

async function ensureStream(manager: JetStreamManager, definition: StreamDefinition, replicas: number): Promise<void> {
  const settings = {
    subjects: [...definition.subjects],
    max_age: nanos(definition.maxAgeMs),
    max_bytes: definition.maxBytes,
    max_msg_size: definition.maxMessageBytes,
    duplicate_window: nanos(definition.duplicateWindowMs),
    discard: DiscardPolicy.Old,
    num_replicas: replicas,
  };
  const existing = await findStream(manager, definition.name);
  if (existing === null) {
    await manager.streams.add({
      name: definition.name,
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      ...settings,
    });
  } else if (isDifferent(existing, settings)) {
    await manager.streams.update(definition.name, settings);
  }
}

async function findStream(manager: JetStreamManager, name: string): Promise<StreamConfig | null> {
  try {
    return (await manager.streams.info(name)).config;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND) return null;
    throw error;
  }
}

function isDifferent(existing: StreamConfig, wanted: Partial<StreamConfig>): boolean {
  return Object.entries(wanted).some(
    ([key, value]) => JSON.stringify(existing[key as keyof StreamConfig]) !== JSON.stringify(value),
  );
}
