import type { Site } from '@flotilla/contracts';
import { block, directive, type Directive } from '../directive.ts';
import { networkVariable } from './access.ts';
import { siteVariable, unsetVariable } from './names.ts';

/** When clients and crawlers are told to come back. */
const RETRY_AFTER_SECONDS = 300;

/** For the http level, once. */
export function maintenanceDefaults(): Directive[] {
  return [unsetVariable('$flotilla_retry_after', '')];
}

/** For the http level. */
export function maintenanceVariables(serviceId: string, { enabled, allowFrom }: Site['maintenance']): Directive[] {
  return enabled ? [networkVariable(siteVariable(serviceId, 'maintenance'), allowFrom, { inside: 0 })] : [];
}

/** 503 with Retry-After (RFC 9110 §10.2.3) for everybody outside `allowFrom`; the body is the site's page for 503, if it has one. */
export function maintenanceRules(serviceId: string, { enabled }: Site['maintenance']): Directive[] {
  if (!enabled) return [];
  return [
    block(
      'if',
      [`($${siteVariable(serviceId, 'maintenance')})`],
      [directive('set', '$flotilla_retry_after', RETRY_AFTER_SECONDS), directive('return', 503)],
    ),
    // Without a value it is left out.
    directive('add_header', 'Retry-After', '$flotilla_retry_after', 'always'),
  ];
}
