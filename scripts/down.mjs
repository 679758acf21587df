// `npm run down`: stops what `npm run up -- --detach` started, by asking its supervisor.
import { resolve } from 'node:path';
import { askSupervisor } from './up/control.mjs';
import { stopLeftovers } from './up/leftovers.mjs';
import { listPaths } from './up/prepare.mjs';
import { readSettings } from './up/settings.mjs';
import { stopAgentProxy } from './up/stray-proxy.mjs';

async function main() {
  const { dataDir } = readSettings(process.env, resolve(import.meta.dirname, '..'));
  if ((await askSupervisor(dataDir, 'POST', '/stop')) !== null) {
    console.log('Flotilla is down.');
    return;
  }
  const leftovers = await stopLeftovers(dataDir);
  await stopAgentProxy(listPaths(dataDir).agent);
  console.log(
    leftovers > 0 ? `Ended ${leftovers} processes that had lost their supervisor.` : `Nothing runs on ${dataDir}.`,
  );
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
