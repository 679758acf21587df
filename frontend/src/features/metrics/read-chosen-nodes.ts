import { entityId } from '@flotilla/contracts';
import { MAX_LINES } from './choose-lines.ts';

/** Nodes that an address names (`?nodes=id,id`): each once, as many as a chart can show; what is no id is left out. */
export function readChosenNodes(query: Readonly<Record<string, unknown>>): string[] {
  const text = query['nodes'];
  if (typeof text !== 'string') return [];
  const ids = text.split(',').filter((id) => entityId.safeParse(id).success);
  return [...new Set(ids)].slice(0, MAX_LINES);
}
