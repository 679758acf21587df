import { loadSettings, runMain } from '@flotilla/runtime';
import manifest from '../package.json' with { type: 'json' };
import { giveBackMemory } from './give-back-memory.ts';
import { settingsSchema } from './settings.ts';
import { startAgent } from './start-agent.ts';

await runMain('agent', async ({ logger, shutdown, signal }) => {
  const settings = loadSettings(settingsSchema, process.env, { logger });
  logger.level = settings.logLevel;
  await startAgent(settings, { version: manifest.version, logger, shutdown });
  giveBackMemory(signal);
});
