import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chooseFreePort, chooseProxyPort, findPortProblem } from './ports.mjs';

let squatter: Server;
let taken: number;

beforeEach(async () => {
  squatter = createServer().listen(0, '0.0.0.0');
  await once(squatter, 'listening');
  taken = (squatter.address() as AddressInfo).port;
});
afterEach(async () => {
  squatter.close();
  await once(squatter, 'close');
});

describe('chooseFreePort', () => {
  it('keeps the preferred port while it is free', async () => {
    const port = await chooseFreePort(undefined);
    expect(await chooseFreePort(port)).toBe(port);
  });

  it('never takes one that an outgoing connection may get', async () => {
    for (let attempt = 0; attempt < 50; attempt += 1) expect(await chooseFreePort(undefined)).toBeLessThan(32_768);
  });

  it('takes another one when that is in use, or meant for somebody else', async () => {
    expect(await chooseFreePort(taken)).not.toBe(taken);
    const port = await chooseFreePort(undefined);
    expect(await chooseFreePort(port, [port])).not.toBe(port);
  });
});

describe('chooseProxyPort', () => {
  const name = 'FLOTILLA_PROXY_HTTP_PORT';

  it('falls back from the usual port and says why', async () => {
    const fallback = await chooseFreePort(undefined);
    const choice = await chooseProxyPort({ name, wanted: null, kept: undefined, usual: taken, fallback });
    expect(choice.port).toBe(fallback);
    expect(choice.note).toContain(`port ${taken} cannot be used (another program listens there)`);
  });

  it('takes the port of the last start first', async () => {
    const [kept, usual] = [await chooseFreePort(undefined), await chooseFreePort(undefined)];
    expect(await chooseProxyPort({ name, wanted: null, kept, usual, fallback: taken })).toEqual({
      port: kept,
      note: null,
    });
  });

  it('never replaces a port that somebody asked for', async () => {
    const options = { name, wanted: taken, kept: undefined, usual: 1, fallback: 1 };
    await expect(chooseProxyPort(options)).rejects.toThrow(`${name}: port ${taken} cannot be used`);
  });
});

describe('findPortProblem', () => {
  it('sees a port in use', async () => {
    expect(await findPortProblem(taken)).toBe('EADDRINUSE');
  });
});
