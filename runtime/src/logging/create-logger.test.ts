import { describe, expect, it } from 'vitest';
import { createLogger } from './create-logger.ts';

function logged(write: (logger: ReturnType<typeof createLogger>) => void): string {
  let output = '';
  write(createLogger({ name: 'test', level: 'debug', destination: { write: (line) => (output += line) } }));
  return output;
}

describe('createLogger', () => {
  const secret = 'hunter2-hunter2';
  const cases: Record<string, object> = {
    'a top-level key': { password: secret },
    'a nested key': { user: { apiKey: secret } },
    'request headers': { req: { headers: { authorization: secret, cookie: secret } } },
    'response headers with a dash': { res: { headers: { 'set-cookie': secret } } },
    'three levels down': { a: { b: { c: { token: secret } } } },
    'inside an array': { agents: [{ jwt: secret }] },
    'six levels down': { a: { b: { c: { d: { e: { apiKey: secret } } } } } },
    'a key in another case': { headers: { Authorization: secret } },
    'an error that carries its request': {
      err: Object.assign(new Error('failed'), { config: { headers: { authorization: secret } } }),
    },
    credentials: { bus: { creds: secret, seed: secret } },
  };
  it.each(Object.entries(cases))('redacts %s', (_, fields) => {
    const output = logged((logger) => logger.info(fields, 'message'));
    expect(output).not.toContain(secret);
    expect(output).toContain('[redacted]');
  });

  it('redacts what a child logger carries', () => {
    expect(logged((logger) => logger.child({ token: secret }).info('message'))).not.toContain(secret);
  });

  it('redacts the headers that a serializer brings in', () => {
    const request = (headers: object) => ({ toJSON: () => ({ headers }) });
    const output = logged((logger) =>
      logger
        .child({}, { serializers: { req: (value: { toJSON: () => object }) => value.toJSON() } })
        .info({ req: Object.create(request({ authorization: secret })) as object }, 'message'),
    );
    expect(output).toContain('"authorization":"[redacted]"');
  });

  it('survives a structure that contains itself', () => {
    const loop: Record<string, unknown> = { name: 'loop' };
    loop['self'] = loop;
    expect(logged((logger) => logger.info({ loop }, 'message'))).toContain('loop');
  });

  it('writes everything else, so the cases above would notice a missing redaction', () => {
    expect(logged((logger) => logger.info({ user: { name: secret } }, 'message'))).toContain(secret);
  });

  it('writes one JSON object a line with level, time and name', () => {
    const line = JSON.parse(logged((logger) => logger.warn({ agentId: 'a1' }, 'silent'))) as Record<string, unknown>;
    expect(line).toMatchObject({ level: 'warn', name: 'test', agentId: 'a1', msg: 'silent' });
    expect(line['time']).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
  });

  it('writes the stack of an error', () => {
    expect(logged((logger) => logger.error({ err: new Error('broken pipe') }, 'failed'))).toContain('broken pipe');
  });
});
