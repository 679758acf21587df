import {
  MAX_TRAFFIC_PER_MESSAGE,
  type ServiceTops,
  type ServiceTraffic,
  type TrafficMessage,
} from '@flotilla/contracts';
import type { CountedTraffic } from './traffic-aggregator.ts';

/** Half of what a message on the bus may have. */
const MAX_MESSAGE_BYTES = 524_288;

type Part = { readonly services: ServiceTraffic[]; readonly tops: ServiceTops[] };

/**
 * The messages that tell all of it, in as few as fit.
 * @param firstAt time of the first one, by the Core's clock; each has a time of its own, a millisecond after the one before
 */
export function planTrafficMessages({ services, tops }: CountedTraffic, firstAt: number): TrafficMessage[] {
  const parts: Part[] = [];
  let bytes = Infinity;
  const partFor = (value: ServiceTraffic | ServiceTops): Part => {
    // Keys of lists may have any character: bytes, and not characters, are what counts.
    const size = Buffer.byteLength(JSON.stringify(value)) + 1;
    const last = parts.at(-1);
    const isFull = last !== undefined && last.services.length + last.tops.length >= MAX_TRAFFIC_PER_MESSAGE;
    if (last !== undefined && !isFull && bytes + size <= MAX_MESSAGE_BYTES) {
      bytes += size;
      return last;
    }
    const part: Part = { services: [], tops: [] };
    parts.push(part);
    bytes = size;
    return part;
  };
  for (const service of services) partFor(service).services.push(service);
  for (const top of tops) partFor(top).tops.push(top);
  return parts.map((part, index) => ({ sampledAt: firstAt + index, ...part }));
}
