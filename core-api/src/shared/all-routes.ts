import * as contracts from '@flotilla/contracts';
import type { RouteDefinition } from '@flotilla/contracts';

/** Every route that the contracts define, in their order. */
export const allRoutes: readonly RouteDefinition[] = (Object.values(contracts) as unknown[]).filter(isRoute);

function isRoute(value: unknown): value is RouteDefinition {
  return typeof value === 'object' && value !== null && 'method' in value && 'path' in value && 'access' in value;
}
