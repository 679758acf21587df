import { describe, expect, it } from 'vitest';
import { planCandidates } from './plan-candidates.ts';
import { buildSite } from './testing/build-site.ts';

const first = buildSite({ name: 'First', domains: ['a.example.com', 'b.example.com'] });
const second = buildSite({ name: 'Second', domains: ['c.example.com'] });

describe('planCandidates', () => {
  it('has no earlier version for what serves already, or never served', () => {
    expect(planCandidates([first, second], [first])).toEqual([
      { wanted: first, earlier: null, reason: null },
      { wanted: second, earlier: null, reason: null },
    ]);
  });

  it('keeps the version that serves in reserve', () => {
    const wanted = { ...first, serviceRevision: 2 };
    expect(planCandidates([wanted], [first])).toEqual([{ wanted, earlier: first, reason: null }]);
  });

  it('keeps what serves in reserve for a certificate that is news, too', () => {
    const wanted = { ...first, certificateHash: 'b'.repeat(64) };
    expect(planCandidates([wanted], [first])).toEqual([{ wanted, earlier: first, reason: null }]);
  });

  it('takes domains from the earlier version that another site wants now', () => {
    const wanted = { ...first, serviceRevision: 2, domains: ['new.example.com'] };
    const taker = { ...second, domains: ['a.example.com'] };
    expect(planCandidates([wanted, taker], [first])[0]?.earlier?.domains).toEqual(['b.example.com']);
    const takerOfAll = { ...second, domains: ['a.example.com', 'b.example.com'] };
    expect(planCandidates([wanted, takerOfAll], [first])[0]?.earlier).toBeNull();
  });

  it('refuses the second of two sites that want one domain', () => {
    const rival = { ...second, domains: ['b.example.com'] };
    expect(planCandidates([first, rival], []).map(({ reason }) => reason)).toEqual([
      null,
      'b.example.com is served by First',
    ]);
  });
});
