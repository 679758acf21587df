import { createLogger, loadSettings, SettingsError } from '@flotilla/runtime';
import { describe, expect, it } from 'vitest';
import { chooseMetricRetention, settingsSchema } from './settings.ts';

const DAY_MS = 86_400_000;
const NEEDED = { FLOTILLA_DATABASE_URL: 'postgres://u:p@localhost/flotilla' };
const load = (env: Record<string, string>) =>
  loadSettings(settingsSchema, { ...NEEDED, ...env }, { logger: createLogger({ name: 'test', level: 'fatal' }) });

function listProblems(env: Record<string, string>): string {
  try {
    load(env);
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
  return '';
}

describe('retention', () => {
  it('has defaults', () => {
    expect(chooseMetricRetention(load({}))).toEqual({
      raw: 7 * DAY_MS,
      '1m': 30 * DAY_MS,
      '15m': 180 * DAY_MS,
      '6h': 730 * DAY_MS,
    });
  });

  it('is read in days', () => {
    const env = { FLOTILLA_RETENTION_RAW_DAYS: '2', FLOTILLA_RETENTION_1M_DAYS: '10' };
    expect(chooseMetricRetention(load(env))).toMatchObject({ raw: 2 * DAY_MS, '1m': 10 * DAY_MS });
  });

  it.each([
    [{ FLOTILLA_RETENTION_RAW_DAYS: '0' }, 'FLOTILLA_RETENTION_RAW_DAYS'],
    [{ FLOTILLA_RETENTION_6H_DAYS: 'forever' }, 'FLOTILLA_RETENTION_6H_DAYS'],
    [{ FLOTILLA_RETENTION_1M_DAYS: '3' }, '1m must be kept at least as long as raw'],
  ])('refuses %j', (env, words) => expect(listProblems(env)).toContain(words));
});
