import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chooseNearestName } from './choose-nearest-name.ts';
import { loadSettings } from './load-settings.ts';
import {
  booleanSetting,
  integerSetting,
  listSetting,
  portSetting,
  secretSetting,
  urlSetting,
} from './setting-schemas.ts';
import { SettingsError } from './settings-error.ts';

const schema = z.object({
  databaseUrl: secretSetting('postgres://user:password@host/database').refine((value) => value.startsWith('postgres'), {
    message: 'does not begin with postgres://',
  }),
  apiPort: portSetting().default(3000),
  natsUrl: urlSetting(['nats', 'ws']).default('nats://127.0.0.1'),
  isVerbose: booleanSetting().default(false),
  retries: integerSetting(0, 9, 'times').optional(),
  roles: listSetting(z.enum(['a', 'b'], 'is neither a nor b'), 'a, b')
    .default(['a'])
    .meta({ env: 'WORKER_ROLES' }),
});

let warnings: string[] = [];
const logger = { warn: (_: object, message: string) => void warnings.push(message) };
const load = (env: Record<string, string>) => loadSettings(schema, env, { logger });
function problemsOf(env: Record<string, string>): SettingsError {
  try {
    load(env);
  } catch (error) {
    if (error instanceof SettingsError) return error;
    throw error;
  }
  throw new Error('nothing was wrong');
}

beforeEach(() => {
  warnings = [];
});

describe('loadSettings', () => {
  it('reads values and defaults', () => {
    expect(load({ FLOTILLA_DATABASE_URL: 'postgres://x', FLOTILLA_IS_VERBOSE: '1', WORKER_ROLES: 'b, a' })).toEqual({
      databaseUrl: 'postgres://x',
      apiPort: 3000,
      natsUrl: 'nats://127.0.0.1',
      isVerbose: true,
      roles: ['b', 'a'],
    });
    expect(warnings).toEqual([]);
  });

  it('takes an empty value for not set', () => {
    expect(load({ FLOTILLA_DATABASE_URL: 'postgres://x', FLOTILLA_API_PORT: '' }).apiPort).toBe(3000);
  });

  it('names all wrong settings at once, with the accepted form', () => {
    const env = { FLOTILLA_API_PORT: '70000', FLOTILLA_RETRIES: 'x', FLOTILLA_NATS_URL: 'http://h', WORKER_ROLES: 'c' };
    const { message } = problemsOf(env);
    expect(message).toContain('FLOTILLA_DATABASE_URL is missing; accepted: postgres://user:password@host/database');
    expect(message).toContain('FLOTILLA_API_PORT "70000" is above 65535; accepted: a whole number from 1 to 65535');
    expect(message).toContain('FLOTILLA_RETRIES "x" is not a whole number; accepted: a whole number from 0 to 9 times');
    expect(message).toContain('FLOTILLA_NATS_URL "http://h"');
    expect(message).toContain('WORKER_ROLES "c" is neither a nor b; accepted: a, b');
  });

  it('prints no secret', () => {
    const { message } = problemsOf({ FLOTILLA_DATABASE_URL: 'mysql://u:hunter2@h' });
    expect(message).toContain('FLOTILLA_DATABASE_URL (not shown) does not begin with postgres://');
    expect(message).not.toContain('hunter2');
  });

  it('warns on an unknown name and proposes the nearest', () => {
    load({ FLOTILLA_DATABASE_URL: 'postgres://x', FLOTILLA_API_PROT: '1', FLOTILLA_SOMETHING_ELSE: '1', OTHER: '1' });
    expect(warnings).toEqual([
      'FLOTILLA_API_PROT is no setting of this program; did you mean FLOTILLA_API_PORT?',
      'FLOTILLA_SOMETHING_ELSE is no setting of this program',
    ]);
  });

  describe('secrets in files', () => {
    let dir: string;
    beforeEach(() => {
      dir = mkdtempSync(join(tmpdir(), 'flotilla-settings-'));
    });
    afterEach(() => rmSync(dir, { recursive: true }));

    it('reads NAME_FILE without its last line break', () => {
      const file = join(dir, 'url');
      writeFileSync(file, 'postgres://from-file\n');
      expect(load({ FLOTILLA_DATABASE_URL_FILE: file }).databaseUrl).toBe('postgres://from-file');
      expect(warnings).toEqual([]);
    });

    it('says that the file cannot be read, and not that the value is missing', () => {
      const { problems } = problemsOf({ FLOTILLA_DATABASE_URL_FILE: join(dir, 'none') });
      expect(problems.map(({ name }) => name)).toEqual(['FLOTILLA_DATABASE_URL_FILE']);
    });

    it('refuses a secret that is given twice', () => {
      const { message } = problemsOf({ FLOTILLA_DATABASE_URL: 'postgres://x', FLOTILLA_DATABASE_URL_FILE: dir });
      expect(message).toContain('is set twice');
    });
  });
});

describe('chooseNearestName', () => {
  it.each([
    ['FLOTILLA_PROT', 'FLOTILLA_PORT'],
    ['FLOTILLA_DATABASEURL', 'FLOTILLA_DATABASE_URL'],
    ['FLOTILLA_COLOUR_SCHEME', null],
  ])('%s → %s', (name, nearest) => {
    expect(chooseNearestName(name, ['FLOTILLA_PORT', 'FLOTILLA_DATABASE_URL'])).toBe(nearest);
  });
});
