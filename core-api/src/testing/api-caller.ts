export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON, null without a body. */
  readonly body: unknown;
}

export interface ApiCall {
  readonly token?: string | undefined;
  readonly cookie?: string | undefined;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Calls the API as a program would. */
export async function callApi(
  baseUrl: string,
  method: string,
  path: string,
  { token, cookie, json, headers }: ApiCall = {},
): Promise<ApiAnswer> {
  const response = await fetch(`${baseUrl}${path}`, {
    method: method.toUpperCase(),
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(cookie !== undefined && { cookie }),
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(json !== undefined && { body: JSON.stringify(json) }),
  });
  const text = await response.text();
  const isJson = text !== '' && /json/.test(response.headers.get('content-type') ?? '');
  return { status: response.status, headers: response.headers, body: isJson ? (JSON.parse(text) as unknown) : null };
}

/** `name=value` of the refresh cookie that an answer sets, to send it back. */
export function refreshCookieOf(answer: ApiAnswer): string {
  const cookie = answer.headers.getSetCookie().find((line) => line.startsWith('flotilla_refresh='));
  if (cookie === undefined) throw new Error('the answer sets no refresh cookie');
  return cookie.split(';', 1)[0] ?? '';
}
