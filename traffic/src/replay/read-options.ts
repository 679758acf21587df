import { existsSync, statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { LIMITER_DEFAULTS, type RequestLimit } from '../limiter/request-limiter.ts';

const USAGE =
  'npm run waf:replay -- --format FORMAT --node NAME=FILE[:SERVICE] [--node …] [--rules FILE] [--limiter REQUESTS_PER_SECOND:BURST] [--json]';

/** What the command line is wrong about, in a sentence with the remedy. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface LogOption {
  readonly nodeId: string;
  readonly file: string;
  readonly serviceId: string | null;
}

export interface ReplayOptions {
  readonly format: string;
  readonly logs: readonly LogOption[];
  readonly rulesFile: string | null;
  readonly limit: RequestLimit;
  readonly isJson: boolean;
}

/**
 * @param formats names that `--format` may have
 * @throws {UsageError}
 */
export function readOptions(args: readonly string[], formats: readonly string[]): ReplayOptions {
  const { format, node = [], rules, limiter, json = false } = parseArguments(args);
  if (format === undefined || !formats.includes(format)) {
    const problem = format === undefined ? '--format is missing' : `--format ${format} is not known`;
    throw new UsageError(`${problem}: use one of ${formats.join(', ')}.`);
  }
  if (node.length === 0) {
    throw new UsageError(`There is no log to read: name at least one with --node NAME=FILE:SERVICE. ${USAGE}`);
  }
  return {
    format,
    logs: node.map((typed) => readNode(typed)),
    rulesFile: rules === undefined ? null : requireFile(rules, '--rules'),
    limit: limiter === undefined ? LIMITER_DEFAULTS.limit : readLimiter(limiter),
    isJson: json,
  };
}

function parseArguments(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        format: { type: 'string' },
        node: { type: 'string', multiple: true },
        rules: { type: 'string' },
        limiter: { type: 'string' },
        json: { type: 'boolean' },
      },
    });
    return values;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // Node's first sentence names the option; its advice is about another syntax.
    throw new UsageError(`${error.message.split('. ')[0] ?? error.message}. Use ${USAGE}`);
  }
}

/** `a=access.log:shop`; the service may be left out, and a file may have a colon in its name. */
function readNode(typed: string): LogOption {
  const equals = typed.indexOf('=');
  const nodeId = typed.slice(0, Math.max(equals, 0));
  const rest = typed.slice(equals + 1);
  if (nodeId === '' || rest === '') {
    throw new UsageError(`--node ${typed} is not a node’s log: use NAME=FILE:SERVICE, such as a=access.log:shop.`);
  }
  const colon = rest.lastIndexOf(':');
  const option = `--node ${nodeId}`;
  if (colon === -1 || existsSync(rest)) return { nodeId, file: requireFile(rest, option), serviceId: null };
  const serviceId = rest.slice(colon + 1);
  return { nodeId, file: requireFile(rest.slice(0, colon), option), serviceId: serviceId === '' ? null : serviceId };
}

function requireFile(file: string, option: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) throw new UsageError(`${option} names ${file}, which is not there: check the path.`);
  if (found.isDirectory()) throw new UsageError(`${option} names ${file}, which is a directory: name a file in it.`);
  return file;
}

function readLimiter(typed: string): RequestLimit {
  const [requestsPerSecond = Number.NaN, burst = Number.NaN, ...rest] = typed.split(':').map(Number);
  const isSound = requestsPerSecond > 0 && requestsPerSecond <= 1e6 && burst >= 1 && burst <= 1e6;
  if (isSound && rest.length === 0) return { requestsPerSecond, burst };
  throw new UsageError(
    `--limiter ${typed} is not a limit: use REQUESTS_PER_SECOND:BURST with numbers from 1 to 1000000, such as 100:200.`,
  );
}
