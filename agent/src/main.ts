import { loadSettings, runMain } from '@flotilla/runtime';
import manifest from '../package.json' with { type: 'json' };
import { settingsSchema } from './settings.ts';
import { startAgent } from './start-agent.ts';

await runMain('agent', async ({ logger, shutdown }) => {
  const settings = loadSettings(settingsSchema, process.env, { logger });
  logger.level = settings.logLevel;
  await startAgent(settings, { version: manifest.version, logger, shutdown });
});
