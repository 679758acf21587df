import type { Site } from '@flotilla/contracts';
import { directive, type Directive } from '../directive.ts';

/** Largest request body; 0 means no limit, for nginx too. */
export function bodySize(maxBodyBytes: number): Directive {
  return directive('client_max_body_size', maxBodyBytes);
}

/** How long nginx waits for the target. */
export function timeouts({ connectMs, readMs, sendMs }: Site['timeouts']): Directive[] {
  return [
    directive('proxy_connect_timeout', `${connectMs}ms`),
    directive('proxy_read_timeout', `${readMs}ms`),
    directive('proxy_send_timeout', `${sendMs}ms`),
  ];
}
