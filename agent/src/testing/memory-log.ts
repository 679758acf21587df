import { createLogger, type Logger } from '@flotilla/runtime';

/** A real logger whose lines stay in memory. */
export function createMemoryLog(): { readonly logger: Logger; readonly text: () => string } {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  return { logger: createLogger({ name: 'test', level: 'debug', destination }), text: () => lines.join('') };
}
