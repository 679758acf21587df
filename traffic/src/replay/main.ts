// `npm run waf:replay`: whom limiter and rules would have banned, by logs that exist. See traffic/RULES.md.
import { escapeControl } from '../rules/escape-control.ts';
import { lineReaders } from './line-readers.ts';
import { readOptions, UsageError } from './read-options.ts';
import { runReplay } from './run-replay.ts';

/** As other programs end that were called wrongly. */
const WRONG_USAGE = 2;

// Paths are meant from where npm was called, which runs its scripts in the repository's folder.
if (process.env['INIT_CWD'] !== undefined) process.chdir(process.env['INIT_CWD']);
// Whoever reads the result may have seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

const tell = (line: string) => process.stderr.write(`${line}\n`);
try {
  const options = readOptions(process.argv.slice(2), [...lineReaders.keys()]);
  const reader = lineReaders.get(options.format);
  if (reader === undefined) throw new UsageError(`--format ${options.format} is not known.`);
  await runReplay(options, reader, { print: (line) => process.stdout.write(`${line}\n`), tell });
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  tell(escapeControl(error.message));
  process.exitCode = WRONG_USAGE;
}
