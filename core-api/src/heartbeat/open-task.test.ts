import { randomBytes } from 'node:crypto';
import { containerInput, replicaSettings, site, type Task } from '@flotilla/contracts';
import { createLogger } from '@flotilla/runtime';
import { describe, expect, it } from 'vitest';
import { createSecretBox, type SecretBox } from '../shared/secret-box.ts';
import { readDesiredState } from '../testing/read-desired-state.ts';
import { createTaskOpener } from './open-task.ts';

const box = createSecretBox(randomBytes(32));

function buildTask(): Task {
  const container = containerInput.parse({ image: 'nginx' });
  const environment = [{ name: 'KEY', isSecret: true, value: box.seal('secret') }];
  const served = site.parse({
    serviceId: '0190b6f0-7c3e-7000-8000-000000000001',
    serviceRevision: 1,
    name: 'shop',
    domains: ['shop.example.com'],
    target: { replicas: true, port: 80 },
    basicAuth: null,
    replicas: replicaSettings.parse({ container: { ...container, environment } }),
  });
  return {
    id: '0190b6f0-7c3e-7000-8000-000000000002',
    type: 'UPDATE_NGINX',
    payload: { revision: 'a'.repeat(64), sites: [served] },
  };
}

function open(secretBox: SecretBox) {
  const lines: string[] = [];
  const log = createLogger({ name: 'test', destination: { write: (line) => void lines.push(line) } });
  return { task: createTaskOpener({ secretBox, log })(buildTask()), log: lines.join('') };
}

describe('createTaskOpener', () => {
  it('opens what is sealed', () => {
    const { task, log } = open(box);
    expect(readDesiredState(task ?? undefined)?.sites[0]?.replicas?.container.environment).toEqual([
      { name: 'KEY', isSecret: true, value: 'secret' },
    ]);
    expect(log).toBe('');
  });

  it('keeps a task that it cannot open, and says what to look for', () => {
    const { task, log } = open(createSecretBox(randomBytes(32)));
    expect(task).toBeNull();
    expect(log).toContain('is encryption.key the one that they were saved with?');
  });
});
