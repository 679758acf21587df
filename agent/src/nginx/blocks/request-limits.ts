import type { Site } from '@flotilla/contracts';
import { directive, type Directive } from '../directive.ts';
import { siteKey, unsetVariable } from './names.ts';

const TOO_MANY_REQUESTS = 429;
/** Of shared memory: 16,000 clients by IPv4; those who were quiet for longest make room. */
const ZONE_SIZE = '1m';

/** Whose requests are counted; nginx counts none while it is empty. */
const CLIENT = '$flotilla_limited_client';

/** For the http level, once. */
export function limitDefaults(): Directive[] {
  return [unsetVariable(CLIENT, '$binary_remote_addr')];
}

/** For a location that requests come to which were counted, or refused, before. */
export function withoutLimits(): Directive {
  return directive('set', CLIENT, '');
}

/** Where nginx remembers how much each client asked for. For the http level. */
export function limitZones(serviceId: string, { requestLimit, connectionLimit }: Site['firewall']): Directive[] {
  const zones: Directive[] = [];
  if (requestLimit !== null) {
    const rate = `rate=${requestLimit.requestsPerSecond}r/s`;
    zones.push(directive('limit_req_zone', CLIENT, `zone=${zoneOf(serviceId, 'req')}:${ZONE_SIZE}`, rate));
  }
  if (connectionLimit !== null) {
    zones.push(directive('limit_conn_zone', CLIENT, `zone=${zoneOf(serviceId, 'conn')}:${ZONE_SIZE}`));
  }
  return zones;
}

/** The first line against a client that asks for too much: it is answered 429, at once and by nginx alone. */
export function requestLimits(serviceId: string, { requestLimit, connectionLimit }: Site['firewall']): Directive[] {
  const limits: Directive[] = [];
  if (requestLimit !== null) {
    const burst = requestLimit.burst === 0 ? [] : [`burst=${requestLimit.burst}`, 'nodelay'];
    limits.push(
      directive('limit_req', `zone=${zoneOf(serviceId, 'req')}`, ...burst),
      directive('limit_req_status', TOO_MANY_REQUESTS),
    );
  }
  if (connectionLimit !== null) {
    limits.push(
      directive('limit_conn', zoneOf(serviceId, 'conn'), connectionLimit),
      directive('limit_conn_status', TOO_MANY_REQUESTS),
    );
  }
  return limits;
}

function zoneOf(serviceId: string, kind: 'req' | 'conn'): string {
  return `flotilla_${kind}_${siteKey(serviceId)}`;
}
