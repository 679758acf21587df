import { randomBytes, randomUUID } from 'node:crypto';
import { Socket } from 'node:net';
import { IncomingMessage, ServerResponse } from 'node:http';
import type { Request, Response } from 'express';
import jwt from 'jsonwebtoken';
import { describe, expect, it } from 'vitest';
import type { RequestUser } from '../http/index.ts';
import { signAccessToken } from './access-token.ts';
import { createAuthenticators } from './authenticators.ts';

const key = randomBytes(32);
const user: RequestUser = {
  id: randomUUID(),
  email: 'u@example.com',
  role: 'viewer',
  mustChangePassword: false,
  sessionId: randomUUID(),
};
const { byAccessToken } = createAuthenticators({
  tokenKey: key,
  findSignedInUser: async ({ userId, sessionId }) => (userId === user.id && sessionId === user.sessionId ? user : null),
  checkPassword: async () => null,
});

function authenticate(authorization?: string): Promise<RequestUser> {
  const request = new IncomingMessage(new Socket());
  if (authorization !== undefined) request.headers.authorization = authorization;
  return byAccessToken(request as Request, new ServerResponse(request) as Response);
}

const sign = (now = new Date(), changes: { userId?: string; sessionId?: string } = {}) =>
  signAccessToken(key, { userId: user.id, sessionId: user.sessionId, ...changes }, now).accessToken;
const claims = jwt.decode(sign()) as jwt.JwtPayload;
const forge = (changes: object, options: jwt.SignOptions = {}, signedWith: jwt.Secret = key) =>
  jwt.sign({ ...claims, ...changes }, signedWith, { algorithm: 'HS256', ...options });

describe('byAccessToken', () => {
  it('knows the user of a token that we signed', async () => {
    expect(await authenticate(`Bearer ${sign()}`)).toBe(user);
    // The control for all the forged ones below: the same claims, signed as we do, are taken.
    expect(await authenticate(`Bearer ${forge({})}`)).toBe(user);
  });

  it.each<[string, string | undefined]>([
    ['none', undefined],
    ['another scheme', 'Basic dTpw'],
    ['no JWT', 'Bearer abc'],
    ['an expired one', `Bearer ${sign(new Date(Date.now() - 16 * 60_000))}`],
    ['one of another key', `Bearer ${forge({}, {}, randomBytes(32))}`],
    ['one of another algorithm', `Bearer ${forge({}, { algorithm: 'HS512' })}`],
    ['an unsigned one', `Bearer ${forge({}, { algorithm: 'none' }, '')}`],
    ['one of another issuer', `Bearer ${forge({ iss: 'somebody' })}`],
    ['one for another audience', `Bearer ${forge({ aud: 'something' })}`],
    ['one without a session', `Bearer ${forge({ sid: undefined })}`],
    ['one with a session that is no id', `Bearer ${forge({ sid: "' or 1=1" })}`],
    ['one of a removed user', `Bearer ${sign(new Date(), { userId: randomUUID() })}`],
    ['one of an ended session', `Bearer ${sign(new Date(), { sessionId: randomUUID() })}`],
  ])('refuses %s', async (_, authorization) => {
    await expect(authenticate(authorization)).rejects.toMatchObject({ status: 401 });
  });

  it('says that an expired token is to be refreshed', async () => {
    await expect(authenticate(`Bearer ${sign(new Date(Date.now() - 16 * 60_000))}`)).rejects.toThrow('has expired');
  });
});

describe('signAccessToken', () => {
  it('refuses a key that is too short for HS256', () => {
    expect(() => signAccessToken(randomBytes(31), { userId: user.id, sessionId: user.id }, new Date())).toThrow(
      '31 bytes',
    );
  });
});
