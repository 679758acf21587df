import { describe, expect, it } from 'vitest';
import { renderAndRead, renderText } from '../../shared/testing/render.ts';
import ReplicaSettings from './ReplicaSettings.vue';
import { emptyForm, type ServiceForm } from './service-form.ts';
import type { VariableForm } from './replicas-form.ts';
import VariableRows from './VariableRows.vue';

const token: VariableForm = { name: 'TOKEN', value: '', isSecret: true, storedName: 'TOKEN' };
const secretFieldOf = (change: Partial<VariableForm>) =>
  renderAndRead(VariableRows, { modelValue: [{ ...token, ...change }], problemsOf: () => [] }, (host) => {
    const [, value] = host.querySelectorAll<HTMLInputElement>('[data-testid="variable-row"] input');
    return { type: value?.type, placeholder: value?.placeholder, value: value?.value };
  });
const show = (change: (form: ServiceForm) => void, problems: Record<string, string> = {}) => {
  const form = emptyForm();
  change(form);
  const problemsOf = (field: string) => (problems[field] === undefined ? [] : [problems[field]]);
  return renderText(ReplicaSettings, { modelValue: form, nodes: [], attempt: null, problemsOf });
};

describe('a secret variable', () => {
  it('that is stored shows that it is, and nothing of its value', () => {
    expect(secretFieldOf({})).toEqual({ type: 'password', placeholder: 'stored, type to replace', value: '' });
  });

  it.each([
    ['new', { storedName: null }],
    ['renamed', { name: 'KEY' }],
  ])('that is %s is not said to be stored', (_, change) => {
    expect(secretFieldOf(change).placeholder).not.toBe('stored, type to replace');
  });
});

describe('the containers of a service', () => {
  it('show nothing but the switch while they are off', () => {
    expect(show(() => {})).not.toContain('Image');
  });

  it('ask for another target when they were switched off', () => {
    const text = show(({ replicas, target }) => {
      replicas.image = 'shop/web:1';
      target.kind = 'container';
    });
    expect(text).toContain('Choose above where they go now');
  });

  it('put what the Core refuses on its field, also in a folded part', () => {
    const text = show(({ replicas }) => (replicas.isOn = true), {
      'replicas.container.image': 'is not an image',
      'replicas.container.memoryLimitBytes': 'must be at least 6 MiB',
    });
    expect(text).toContain('is not an image');
    expect(text).toContain('must be at least 6 MiB');
  });

  it('say of a command that cannot be read what is wrong with it', () => {
    const text = show(({ replicas }) => Object.assign(replicas, { isOn: true, command: 'sh -c "open' }));
    expect(text).toContain('A quote is not closed');
  });
});
