import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { formatTable, type Benchmark, type Figure } from './harness/figure.ts';

/**
 * `npm run bench -- [NAME] [--json]`: runs one benchmark, or all. Exit status 1 when a target is missed or a
 * benchmark fails, 2 for an unknown name.
 */
async function run(): Promise<number> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'boolean' } } });
  const known = listBenchmarks();
  const unknown = positionals.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    console.error(`No benchmark is named ${unknown.join(', ')}. There are: ${known.join(', ')}`);
    return 2;
  }

  const figures: Figure[] = [];
  for (const name of positionals.length > 0 ? positionals : known) {
    const { benchmark } = (await import(`./${name}.ts`)) as { benchmark: Benchmark };
    console.error(`${name}: ${benchmark.description}`);
    const found = await benchmark.run((line) => console.error(`  ${line}`));
    if (values.json === true) for (const figure of found) console.log(JSON.stringify(figure));
    figures.push(...found);
  }
  if (values.json !== true) console.log(formatTable(figures));
  return figures.every((figure) => figure.pass) ? 0 : 1;
}

function listBenchmarks(): string[] {
  return readdirSync(import.meta.dirname, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && entry.name !== 'run.ts')
    .map((entry) => entry.name.slice(0, -'.ts'.length))
    .toSorted();
}

process.exitCode = await run();
