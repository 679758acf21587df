import type { ContainerTemplateView } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { writeReplicas } from './replicas-form.ts';
import { emptyForm, writeInput, type ServiceForm } from './service-form.ts';
import { takeContainerTemplate } from './take-container-template.ts';

const container: ContainerTemplateView['container'] = {
  image: 'shop/web:2',
  pull: 'missing',
  entrypoint: null,
  command: ['serve', '--port', '80 80'],
  user: '1000:1000',
  workingDirectory: null,
  environment: [{ name: 'TOKEN', isSecret: true }],
  volumes: [],
  network: 'shop_default',
  cpuLimit: 0.5,
  memoryLimitBytes: 64 * 2 ** 20,
  labels: [],
  registry: null,
  stopSignal: 'SIGINT',
  stopGraceMs: 15_000,
  health: { kind: 'image' },
};
const templateId = '0190a0b0-1111-7222-8333-444455556666';

function take(
  change: Partial<ContainerTemplateView['container']>,
  ports: number[],
  before: (form: ServiceForm) => void,
) {
  const form = emptyForm();
  form.target.kind = 'replicas';
  form.replicas.isOn = true;
  before(form);
  takeContainerTemplate(form, { container: { ...container, ...change }, ports, templateId });
  return form;
}

describe('a form that is filled in from a container', () => {
  it('sends all that the container has, and for its values the template that keeps them', () => {
    const form = take({}, [8080, 9090], () => {});
    expect(writeReplicas(form.replicas)?.container).toMatchObject({
      image: 'shop/web:2',
      command: ['serve', '--port', '80 80'],
      user: '1000:1000',
      network: 'shop_default',
      cpuLimit: 0.5,
      memoryLimitBytes: 64 * 2 ** 20,
      stopSignal: 'SIGINT',
      stopGraceMs: 15_000,
      // Without a value: the template has it.
      environment: [{ name: 'TOKEN', isSecret: true }],
    });
    expect(writeInput(form)).toMatchObject({ templateId, target: { replicas: true, port: 8080 } });
  });

  it('keeps what a container says nothing of', () => {
    const form = take({ image: null }, [], (before) => {
      before.target.port = 3000;
      Object.assign(before.replicas, { image: 'shop/web:1', pull: 'always', count: 4, drainSeconds: 90 });
      before.replicas.registry = { isOn: true, username: 'deploy', password: 'x', storedUser: null };
    });
    expect(form.target.port).toBe(3000);
    expect(writeReplicas(form.replicas)).toMatchObject({
      container: { image: 'shop/web:1', pull: 'always', registry: { username: 'deploy', password: 'x' } },
      count: 4,
      drainMs: 90_000,
    });
  });

  it('leaves another target where it is', () => {
    const form = take({}, [8080], ({ target }) => Object.assign(target, { kind: 'container', port: 3000 }));
    expect(form.target).toMatchObject({ kind: 'container', port: 3000 });
  });
});
