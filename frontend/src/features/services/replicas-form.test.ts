import { replicasInput, serviceInput, serviceSettings } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { emptyReplicas, readReplicas, writeReplicas } from './replicas-form.ts';
import { emptyForm, emptyTarget, readForm, writeInput } from './service-form.ts';
import { switchReplicas, usesReplicas } from './switch-replicas.ts';

const agentId = '0190b6f0-7c3e-7000-8000-000000000001';
const smallest = { container: { image: 'shop/web:1' } };
const full = {
  container: {
    image: 'ghcr.io/shop/web:1.4',
    pull: 'always' as const,
    entrypoint: ['/bin/sh', '-c'],
    command: ['echo "a b" > /tmp/x', "it's", '', 'two\nlines'],
    environment: [
      { name: 'MODE', value: 'production', isSecret: false },
      { name: 'EMPTY', value: '', isSecret: false },
      { name: 'TOKEN', isSecret: true },
    ],
    volumes: [{ source: 'data', target: '/data', readOnly: true }],
    network: 'shop_default',
    cpuLimit: 0.5,
    memoryLimitBytes: 300 * 2 ** 20 + 1,
    labels: [{ name: 'team', value: 'red' }],
    registry: { username: 'robot' },
    stopSignal: 'SIGQUIT',
    stopGraceMs: 1500,
    health: { kind: 'http' as const, path: '/health' },
  },
  count: 3,
  rollout: { maxSurge: 0, maxUnavailable: 1, readyTimeoutMs: 90_000 },
  drainMs: 0,
  slowStartMs: 250,
};

/** Settings as the API shows them. */
function show(replicas: object) {
  const target = { replicas: true, port: 80 };
  const input = serviceInput.parse({
    name: 'shop',
    domains: ['app.example.com'],
    agentIds: [agentId],
    target,
    replicas,
  });
  return serviceSettings.parse({ ...input, basicAuth: null });
}
const formOf = (replicas: object) => readReplicas(show(replicas).replicas);
const containerOf = (form: ReturnType<typeof formOf>) => writeReplicas({ ...form, isOn: true })?.container;

describe('the form of replicas', () => {
  it.each([
    ['the smallest ones', smallest],
    ['every setting', full],
    ['whole gibibytes', { container: { image: 'web', memoryLimitBytes: 2 ** 31 } }],
  ])('gives back %s', (_, replicas) => {
    const settings = show(replicas);
    expect(serviceInput.parse(writeInput(readForm(settings)))).toEqual(settings);
  });

  it('starts with the defaults of the contracts', () => {
    const written = writeReplicas({ ...emptyReplicas(), isOn: true, image: 'shop/web:1' });
    expect(written).toEqual(replicasInput.parse(smallest));
  });

  it('sends nothing where Flotilla runs no containers, whatever was typed', () => {
    expect(writeReplicas({ ...formOf(full), isOn: false })).toBeNull();
  });

  it.each([
    ['keeps a secret that nobody touched', {}, { name: 'TOKEN', isSecret: true }],
    ['replaces a secret that was typed', { value: 'new' }, { name: 'TOKEN', isSecret: true, value: 'new' }],
    [
      'has a secret of another name typed anew: the stored one is not its own',
      { name: 'KEY' },
      { name: 'KEY', isSecret: true, value: '' },
    ],
    [
      'never makes a stored secret an empty plain value: the Core asks for one',
      { isSecret: false },
      { name: 'TOKEN', isSecret: false },
    ],
  ])('%s', (_, change, sent) => {
    const form = formOf(full);
    form.environment = form.environment.map((variable) =>
      variable.name === 'TOKEN' ? { ...variable, ...change } : variable,
    );
    expect(containerOf(form)?.environment?.at(-1)).toEqual(sent);
  });

  it('keeps an empty plain value: it is no secret that was left alone', () => {
    expect(containerOf(formOf(full))?.environment?.[1]).toEqual({ name: 'EMPTY', isSecret: false, value: '' });
  });

  it('sends the registry’s password only when one was typed', () => {
    const form = formOf(full);
    expect(containerOf(form)?.registry).toEqual({ username: 'robot' });
    form.registry.password = 'hunter2';
    expect(containerOf(form)?.registry).toEqual({ username: 'robot', password: 'hunter2' });
  });

  it.each([
    ['count', { count: '' as const }],
    ['drainMs', { drainSeconds: '' as const }],
    ['rollout.readyTimeoutMs', { readyTimeoutSeconds: '' as const }],
    ['container.command', { command: 'sh -c "open' }],
  ])('lets the Core name a wrong %s', (field, change) => {
    const sent: unknown = JSON.parse(JSON.stringify(writeReplicas({ ...formOf(smallest), ...change })));
    expect(replicasInput.safeParse(sent).error?.issues.map(({ path }) => path.join('.'))).toEqual([field]);
  });
});

describe('switching the service’s own containers', () => {
  it('proposes them as the target', () => {
    const form = emptyForm();
    switchReplicas(form, true);
    expect(form.target.kind).toBe('replicas');
    expect(writeInput(form).replicas).not.toBeNull();
  });

  it('leaves the target alone where they are one already, or nothing is forwarded', () => {
    const [located, redirected] = [emptyForm(), emptyForm()];
    located.locations.push({ path: '/api', match: 'prefix', stripPath: false, target: emptyTarget('replicas') });
    redirected.redirect.isOn = true;
    for (const form of [located, redirected]) switchReplicas(form, true);
    expect([located.target.kind, redirected.target.kind]).toEqual(['host', 'host']);
  });

  it('off, sends none and leaves no target that points at them', () => {
    const form = readForm(show(full));
    form.additionalTargets.push(emptyTarget('replicas'));
    switchReplicas(form, false);
    const { replicas, target } = writeInput(form);
    expect(replicas).toBeNull();
    expect(usesReplicas(form)).toBe(false);
    expect(target).toMatchObject({ container: '', port: 80 });
  });
});
