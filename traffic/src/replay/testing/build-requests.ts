import type { SuspicionClass } from '@flotilla/contracts';
import { clientHigh, clientLow, formatClientKey } from '../../addresses/client-network.ts';
import { parseAddress } from '../../addresses/parse-address.ts';
import type { LoggedRequest } from '../logged-request.ts';

const BEGIN_MS = Date.parse('2026-03-02T09:00:00Z');

export interface Ask {
  readonly address: string;
  /** Seconds after the begin. */
  readonly at: number;
  readonly path: string;
  readonly node?: string;
  readonly service?: string;
  readonly status?: number;
  readonly method?: string;
  readonly agent?: string;
  /** Besides those that status and path tell. */
  readonly classes?: readonly SuspicionClass[];
}

/** A request with the classes that its answer and path have by themselves. */
export function buildLogged(ask: Ask): LoggedRequest {
  const { address, at, path, node = 'a', service = 'shop', status = 200, method = 'GET', agent = 'Mozilla/5.0' } = ask;
  const words = parseAddress(address);
  if (words === null) throw new TypeError(`${address} is no address`);
  const classes = [...classesOf(method, path, status), ...(ask.classes ?? [])];
  return {
    timeMs: BEGIN_MS + Math.round(at * 1000),
    nodeId: node,
    client: formatClientKey(words),
    clientHigh: clientHigh(words),
    clientLow: clientLow(words),
    serviceId: service,
    classes,
    method,
    path,
    status,
    userAgent: agent,
    sample: classes.length === 0 ? null : `${address} "${method} ${path}" ${status} "${agent}"`,
  };
}

function classesOf(method: string, path: string, status: number): SuspicionClass[] {
  const found: SuspicionClass[] = [];
  if (status === 404 || status === 410) found.push('not_found');
  if (status === 401 || status === 403) found.push('auth_failure');
  if (method === 'POST' && /login|session$/.test(path)) found.push('login_attempt');
  return found;
}
