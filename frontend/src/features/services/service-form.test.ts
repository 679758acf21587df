import { findFieldProblems, serviceInput, serviceSettings } from '@flotilla/contracts';
import { describe, expect, it } from 'vitest';
import { emptyForm, readForm, writeInput } from './service-form.ts';

const agentIds = ['0190b6f0-7c3e-7000-8000-000000000001', '0190b6f0-7c3e-7000-8000-000000000002'];
const smallest = { name: 'shop', domains: ['app.example.com'], agentIds, target: { host: '127.0.0.1', port: 3000 } };
const full = {
  ...smallest,
  target: { container: 'web', port: 80, weight: 5 },
  additionalTargets: [{ host: 'backup.internal', port: 8080, backup: true }],
  balancing: 'least_connections' as const,
  tls: {
    mode: 'certificate' as const,
    certificateId: agentIds[0],
    redirectHttp: true,
    http2: false,
    hstsSeconds: 3600,
  },
  maxBodyBytes: 10 * 2 ** 20,
  timeouts: { connectMs: 1500, readMs: 30_000, sendMs: 30_000 },
  responseHeaders: [{ name: 'X-Team', value: 'red' }],
  locations: [{ path: '/api', match: 'prefix' as const, stripPath: true, target: { host: 'api', port: 4000 } }],
  redirect: { to: 'https://www.example.com/', status: 301 as const, keepPath: false },
  maintenance: { enabled: true, allowFrom: ['10.0.0.0/8'] },
  access: { allow: ['192.0.2.0/24'], deny: ['198.51.100.7/32'] },
  trustedProxies: ['203.0.113.0/24'],
  metricsPath: '/metrics',
  errorPages: { set: 'none' as const, interceptsUpstreamErrors: true },
};

/** Settings as the API shows them. */
function show(input: object) {
  return serviceSettings.parse({ ...serviceInput.parse(input), basicAuth: null });
}

function wrongFieldsOf(sent: unknown): string[] {
  const { error } = serviceInput.safeParse(sent);
  return error === undefined ? [] : findFieldProblems(error).map(({ field }) => field);
}

describe('the form', () => {
  it.each([
    ['the smallest service', smallest],
    ['every setting', full],
  ])('gives back %s', (_, input) => {
    const settings = show(input);
    expect(serviceInput.parse(writeInput(readForm(settings)))).toEqual(settings);
  });

  it('starts with the defaults of the contracts', () => {
    const form = { ...emptyForm(), ...readForm(show(smallest)) };
    const { name, domains, agentIds: nodes, target } = form;
    expect(writeInput({ ...emptyForm(), name, domains, agentIds: nodes, target })).toEqual(writeInput(form));
  });

  it('sends a password only when one was typed', () => {
    const form = readForm(show(smallest));
    form.basicAuth = {
      isOn: true,
      realm: 'Staff',
      users: [
        { username: 'ann', password: '' },
        { username: 'bob', password: 'correct horse' },
      ],
    };
    expect(writeInput(form).basicAuth?.users).toEqual([
      { username: 'ann' },
      { username: 'bob', password: 'correct horse' },
    ]);
  });

  it('takes addresses one a line, or with commas', () => {
    const form = { ...readForm(show(smallest)), trustedProxies: ' 10.0.0.1\n\n10.0.0.2, 10.0.0.3;' };
    expect(writeInput(form).trustedProxies).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3']);
  });

  it.each([
    ['target.port', { target: { ...emptyForm().target, host: '127.0.0.1', port: null } }],
    ['maxBodyBytes', { maxBodyMebibytes: '' as const }],
    ['timeouts.readMs', { readSeconds: '' as const }],
  ])('lets the Core name an empty %s', (field, change) => {
    const sent: unknown = JSON.parse(JSON.stringify(writeInput({ ...readForm(show(smallest)), ...change })));
    expect(wrongFieldsOf(sent)).toEqual([field]);
  });

  it('takes a cleared path of metrics as none', () => {
    expect(writeInput({ ...readForm(show(full)), metricsPath: ' ' }).metricsPath).toBeNull();
  });

  it('sends a 0 that was typed as what it means: no limit', () => {
    expect(writeInput({ ...readForm(show(smallest)), maxBodyMebibytes: 0 }).maxBodyBytes).toBe(0);
  });
});
