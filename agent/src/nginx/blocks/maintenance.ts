import type { Site } from '@flotilla/contracts';
import { block, directive, type Directive } from '../directive.ts';
import { networkVariable } from './access.ts';
import { siteVariable } from './names.ts';

/** When clients and crawlers are told to come back. */
const RETRY_AFTER_SECONDS = 300;
const ANSWER = '@flotilla_maintenance';

/** For the http level. */
export function maintenanceVariables(serviceId: string, { enabled, allowFrom }: Site['maintenance']): Directive[] {
  return enabled ? [networkVariable(siteVariable(serviceId, 'maintenance'), allowFrom, { inside: 0 })] : [];
}

/** 503 with Retry-After (RFC 9110 §10.2.3) for everybody outside `allowFrom`. */
export function maintenanceRules(serviceId: string, { enabled }: Site['maintenance']): Directive[] {
  if (!enabled) return [];
  return [
    block('if', [`($${siteVariable(serviceId, 'maintenance')})`], [directive('return', 503)]),
    directive('error_page', 503, ANSWER),
    block(
      'location',
      [ANSWER],
      [directive('add_header', 'Retry-After', RETRY_AFTER_SECONDS, 'always'), directive('return', 503)],
    ),
  ];
}
