import { describe, expect, it } from 'vitest';
import { UnsafeValueError } from './directive.ts';
import { renderMain } from './render-main.ts';
import { renderSite } from './render-site.ts';
import { buildRenderOptions, buildResolvedSite } from './testing/build-resolved-site.ts';
import { hashPassword } from './testing/build-site.ts';
import { readBack } from './testing/read-back.ts';

const serviceId = '0190a0b0-1111-7222-8333-444455556666';
const options = buildRenderOptions();

describe('renderSite', () => {
  it.each([
    { name: 'site-smallest', draft: {} },
    {
      name: 'site-everything',
      draft: {
        domains: ['shop.example.com', '*.shop.example.com'],
        tls: { mode: 'self_signed' as const, redirectHttp: true },
        basicAuth: { realm: 'Staff', users: [{ username: 'alice', passwordHash: hashPassword('x') }] },
        access: { allow: ['10.0.0.0/8'], deny: ['10.66.0.0/16'] },
        maintenance: { enabled: true, allowFrom: ['10.1.0.0/16'] },
        trustedProxies: ['192.0.2.0/24'],
        additionalTargets: [{ container: 'shop-2', port: 8080, weight: 2 }],
        locations: [{ path: '/api', target: { container: 'api', port: 3000 }, stripPath: true }],
        requestHeaders: [{ name: 'X-Team', value: 'shop' }],
        responseHeaders: [{ name: 'X-Frame-Options', value: 'DENY' }],
        errorPages: { interceptsUpstreamErrors: true },
        errorPageHashes: { 403: 'a'.repeat(64), 503: 'b'.repeat(64) },
      },
    },
    {
      name: 'site-redirect',
      draft: { redirect: { to: 'https://www.example.com' }, tls: { mode: 'self_signed' as const } },
    },
    {
      name: 'site-certificate',
      draft: {
        certificateHash: 'a'.repeat(64),
        tls: { mode: 'certificate' as const, redirectHttp: true, hstsSeconds: 86_400 },
      },
    },
    {
      name: 'site-stand-in',
      draft: { tls: { mode: 'certificate' as const, redirectHttp: true, hstsSeconds: 86_400 } },
    },
  ])('renders $name', async ({ name, draft }) => {
    const text = renderSite(buildResolvedSite({ serviceId, ...draft }), options);
    await expect(text).toMatchFileSnapshot(`./blocks/golden/${name}.conf`);
  });

  it('sends no request to a site’s targets when it redirects', () => {
    const text = renderSite(buildResolvedSite({ redirect: { to: 'https://www.example.com' } }), options);
    expect(text).not.toContain('proxy_pass');
  });

  const resolved = buildResolvedSite({ serviceId });
  const { site } = resolved;
  it.each([
    { name: 'a domain', hostile: { domains: ['a.com; return 200 x;'] } },
    { name: 'a domain that is a regular expression', hostile: { domains: ['~.*'] } },
    { name: 'a domain with a variable', hostile: { domains: ['$hostname'] } },
    { name: 'a name', hostile: { name: 'Shop\nserver { listen 1; }' } },
    { name: 'a header', hostile: { responseHeaders: [{ name: 'X-A', value: 'a\r\nSet-Cookie: b' }] } },
    { name: 'a redirect', hostile: { redirect: { to: 'https://a/$http_x', status: 301 as const, keepPath: false } } },
    {
      name: 'a path',
      hostile: { locations: [{ path: '~ ^/', match: 'exact' as const, stripPath: false, target: site.target }] },
    },
  ])('refuses $name that came past the schemas', ({ hostile }) => {
    expect(() => renderSite({ ...resolved, site: { ...site, ...hostile } }, options)).toThrow(UnsafeValueError);
  });

  it('keeps a hostile value that it cannot refuse in one argument', () => {
    const value = '"; } server { listen 1; } # \\';
    const hostile = { ...site, requestHeaders: [{ name: 'X-A; deny all', value }] };
    const servers = readBack(renderSite({ ...resolved, site: hostile }, options)).filter(
      ({ name }) => name === 'server',
    );
    expect(servers).toHaveLength(1);
    const header = servers[0]?.children?.find(({ args }) => args[0] === 'X-A; deny all');
    expect(header).toEqual({ name: 'proxy_set_header', args: ['X-A; deny all', value] });
  });
});

describe('renderMain', () => {
  const content = {
    releaseId: 'c0ffee',
    siteFiles: ['sites/a.conf', 'sites/b.conf'],
    bansFile: 'bans/c.conf',
    nameCount: 2,
  };

  it('renders nginx.conf', async () => {
    await expect(renderMain(content, options)).toMatchFileSnapshot('./blocks/golden/nginx.conf');
  });

  it('asks for nothing that needs root when nginx does not run as root', () => {
    const names = readBack(renderMain(content, { ...options, workerUser: null })).map(({ name }) => name);
    expect(names).not.toContain('user');
    expect(names).not.toContain('worker_rlimit_nofile');
  });

  it('makes the hash tables large enough for many sites', () => {
    const text = renderMain({ ...content, nameCount: 5000 }, options);
    expect(text).toContain('server_names_hash_max_size 16384;');
  });
});
