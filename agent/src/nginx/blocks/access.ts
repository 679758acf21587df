import type { Site } from '@flotilla/contracts';
import { block, directive, type Directive } from '../directive.ts';
import { siteVariable } from './names.ts';

/**
 * Networks as a variable. `geo` is a radix tree: a list of 10,000 costs nothing a request, where `deny` lines are read
 * one by one. For the http level.
 */
export function networkVariable(
  name: string,
  networks: readonly string[],
  values: { readonly inside: 0 | 1 },
): Directive {
  const { inside } = values;
  const entries = [...new Set(networks)].map((network) => directive(network, inside));
  return block('geo', [`$${name}`], [directive('default', 1 - inside), ...entries]);
}

/** For the http level. */
export function accessVariables(serviceId: string, { allow, deny }: Site['access']): Directive[] {
  return [
    ...(deny.length > 0 ? [networkVariable(siteVariable(serviceId, 'denied'), deny, { inside: 1 })] : []),
    ...(allow.length > 0 ? [networkVariable(siteVariable(serviceId, 'outside'), allow, { inside: 0 })] : []),
  ];
}

/** A denied network is refused even when an allowed one holds it; with allowed networks everybody else is refused. */
export function accessRules(serviceId: string, { allow, deny }: Site['access']): Directive[] {
  const refuseWhen = (purpose: string) =>
    block('if', [`($${siteVariable(serviceId, purpose)})`], [directive('return', 403)]);
  return [...(deny.length > 0 ? [refuseWhen('denied')] : []), ...(allow.length > 0 ? [refuseWhen('outside')] : [])];
}
