// `npm run status`: what runs, since when and where. Exit status 1 unless everything is healthy.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { askSupervisor } from './up/control.mjs';
import { readSettings } from './up/settings.mjs';

async function main() {
  const { values } = parseArgs({ options: { json: { type: 'boolean' } } });
  const { dataDir } = readSettings(process.env, resolve(import.meta.dirname, '..'));
  const status = (await askSupervisor(dataDir, 'GET', '/status')) ?? {
    url: null,
    dataDir,
    state: 'down',
    processes: [],
  };
  const isHealthy = status.state === 'up' && status.processes.every(({ state }) => state === 'healthy');
  console.log(values.json === true ? JSON.stringify({ healthy: isHealthy, ...status }) : formatStatus(status));
  process.exitCode = isHealthy ? 0 : 1;
}

function formatStatus({ url, dataDir, state: whole, processes }) {
  if (whole === 'down') return `Nothing runs on ${dataDir}. Start it: npm run up`;
  const rows = processes.map(({ name, pid, state, since, restarts, address }) => [
    name,
    state,
    pid === null ? '–' : String(pid),
    since ?? '–',
    String(restarts),
    address,
  ]);
  const table = [['process', 'state', 'pid', 'since (UTC)', 'restarts', 'address'], ...rows];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
  return [`${url}  ${whole}  (${dataDir})`, ...lines].join('\n');
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
