import { parseArgs } from 'node:util';
import { lineParsers, type LineFormat } from '../parse/line-parsers.ts';
import { UsageError } from '../replay/read-options.ts';

export const HELP = `Says how a line of an access log is read, what is suspicious about it, and what each rule makes of it.

  npm run explain -- '<line>'
  npm run explain -- --format combined --json < access.log

Without a line, the lines of the standard input are read.

  --format FORMAT   ${[...Object.keys(lineParsers), 'auto'].join(', ')}; auto, which is the default, looks at each line
  --json            one JSON object a line: remoteAddr, remoteUser, time, method, uri, protocol, status, bytes, referrer,
                    userAgent, wellFormed, classes
  --help            this
`;

export interface ExplainOptions {
  readonly format: LineFormat | 'auto';
  readonly isJson: boolean;
  readonly isHelp: boolean;
  /** Null: those of the standard input. */
  readonly line: string | null;
}

/** @throws {UsageError} */
export function readOptions(args: readonly string[]): ExplainOptions {
  const { values, positionals } = parseArguments(args);
  const { format = 'auto', json = false, help = false } = values;
  if (format !== 'auto' && !isFormat(format)) {
    throw new UsageError(`--format ${format} is not known: use one of ${Object.keys(lineParsers).join(', ')}, auto.`);
  }
  if (positionals.length > 1) {
    throw new UsageError(
      `There are ${positionals.length} lines, the second one “${positionals[1] ?? ''}”: put one line in single quotes, or give many by the standard input.`,
    );
  }
  return { format, isJson: json, isHelp: help, line: positionals[0] ?? null };
}

function isFormat(name: string): name is LineFormat {
  return Object.hasOwn(lineParsers, name);
}

function parseArguments(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { format: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // Node's first sentence names the option; its advice is about another syntax.
    const problem = error.message.split('. ')[0] ?? error.message;
    throw new UsageError(`${problem}: use --format FORMAT, --json or --help, and put the line in single quotes.`);
  }
}
