import type { MetricValue } from '@flotilla/contracts';
import { decideIncrease, decideRatePerSecond, decideWrappingIncrease } from './decide-rate.ts';
import type { InterfaceCounters } from './parse-net-dev.ts';

export interface NetworkRates {
  readonly receiveBytesPerSecond: MetricValue;
  readonly transmitBytesPerSecond: MetricValue;
  readonly errorsPerSecond: MetricValue;
  readonly dropsPerSecond: MetricValue;
}

const UNKNOWN: NetworkRates = {
  receiveBytesPerSecond: null,
  transmitBytesPerSecond: null,
  errorsPerSecond: null,
  dropsPerSecond: null,
};

/** @param previous undefined for an interface that was not there */
export function decideNetworkRates(
  previous: InterfaceCounters | undefined,
  current: InterfaceCounters,
  intervalMs: number,
): NetworkRates {
  if (previous === undefined) return UNKNOWN;
  const received = decideWrappingIncrease(
    previous.receivedBytes,
    current.receivedBytes,
    current.receivedPackets >= previous.receivedPackets,
  );
  const transmitted = decideWrappingIncrease(
    previous.transmittedBytes,
    current.transmittedBytes,
    current.transmittedPackets >= previous.transmittedPackets,
  );
  return {
    receiveBytesPerSecond: decideRatePerSecond(received, intervalMs),
    transmitBytesPerSecond: decideRatePerSecond(transmitted, intervalMs),
    errorsPerSecond: decideRatePerSecond(decideIncrease(previous.errors, current.errors), intervalMs),
    dropsPerSecond: decideRatePerSecond(decideIncrease(previous.drops, current.drops), intervalMs),
  };
}
