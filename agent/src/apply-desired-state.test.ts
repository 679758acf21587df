import type { DesiredState } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { createDesiredStateApplier } from './apply-desired-state.ts';

const state = (letter: string): DesiredState => ({ revision: letter.repeat(64), sites: [] });

function build() {
  const steps: string[] = [];
  const waiting: (() => void)[] = [];
  const apply = createDesiredStateApplier({
    replicas: {
      announce: () => void steps.push('announce'),
      settle: () => void steps.push('replicas settled'),
    },
    certificates: {
      prepare: () => {
        steps.push('certificates');
        return Promise.resolve();
      },
    },
    errorPages: {
      prepare: () => new Promise((resolve) => void waiting.push(resolve)),
      settle: () => {
        steps.push('pages settled');
        return Promise.resolve();
      },
    },
    proxy: {
      apply: ({ revision }) => {
        steps.push(`apply ${revision.charAt(0)}`);
        return Promise.resolve({ outcome: 'applied', revision, rejectedSites: [] });
      },
    },
  });
  return { steps, waiting, apply };
}

describe('a desired state', () => {
  it('is applied once its error pages are here, and cleaned up after', async () => {
    const { steps, waiting, apply } = build();
    const applying = apply(state('a'));
    expect(steps).toEqual(['announce', 'certificates']);
    waiting[0]?.();
    expect(await applying).toMatchObject({ outcome: 'applied' });
    expect(steps).toEqual(['announce', 'certificates', 'apply a', 'replicas settled', 'pages settled']);
  });

  it('that waits for its pages longer than a newer one is never applied', async () => {
    const { steps, waiting, apply } = build();
    const [older, newer] = [apply(state('a')), apply(state('b'))];
    waiting[1]?.();
    expect(await newer).toMatchObject({ outcome: 'applied' });
    waiting[0]?.();
    expect(await older).toMatchObject({ outcome: 'superseded', revision: 'a'.repeat(64) });
    expect(steps.filter((step) => step.startsWith('apply'))).toEqual(['apply b']);
  });
});
