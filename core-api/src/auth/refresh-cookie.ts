import type { CookieOptions, Request, Response } from 'express';

const COOKIE = 'flotilla_refresh';

/** Reads and writes the cookie that carries the refresh token, and nothing but that. */
export class RefreshCookie {
  readonly #options: CookieOptions;

  /** @param publicUrl where browsers reach the Core; https makes the cookie `Secure` */
  constructor(publicUrl: string) {
    this.#options = {
      httpOnly: true,
      sameSite: 'strict',
      path: '/api/auth',
      secure: publicUrl.startsWith('https:'),
    };
  }

  /** Needs cookie-parser ahead of it. */
  read(request: Request): string | null {
    const cookies = request.cookies as Readonly<Record<string, unknown>>;
    const value = cookies[COOKIE];
    return typeof value === 'string' ? value : null;
  }

  write(response: Response, token: string, expiresAt: Date): void {
    response.cookie(COOKIE, token, { ...this.#options, expires: expiresAt });
  }

  clear(response: Response): void {
    response.clearCookie(COOKIE, this.#options);
  }
}
