// `npm run explain`: how lines of access logs are read, and what they are taken for. See traffic/README.md.
import { once } from 'node:events';
import { UsageError } from '../replay/read-options.ts';
import { escapeControl } from '../rules/escape-control.ts';
import { formatReading } from './format-reading.ts';
import { readLine, type LineReading } from './read-line.ts';
import { readLines } from './read-lines.ts';
import { HELP, readOptions, type ExplainOptions } from './read-options.ts';
import { renderExplanation } from './render-explanation.ts';

/** As other programs end that were called wrongly. */
const WRONG_USAGE = 2;

// Whoever reads the result may have seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

/** Waits while nobody takes what is written. */
async function print(text: string): Promise<void> {
  if (text !== '' && !process.stdout.write(text)) await once(process.stdout, 'drain');
}

async function explain({ format, isJson, isHelp, line }: ExplainOptions): Promise<void> {
  const show = (reading: LineReading) => (isJson ? `${formatReading(reading)}\n` : renderExplanation(reading));
  if (isHelp) return print(HELP);
  if (line !== null) return print(show(readLine(Buffer.from(line), format)));
  if (process.stdin.isTTY) throw new UsageError(`There is no line: put one in single quotes, or see --help.`);
  const separator = isJson ? '' : '\n';
  for await (const lines of readLines(process.stdin)) {
    await print(lines.map((each) => `${show(readLine(each, format))}${separator}`).join(''));
  }
}

try {
  await explain(readOptions(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${escapeControl(error.message)}\n`);
  process.exitCode = WRONG_USAGE;
}
