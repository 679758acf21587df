import { z } from 'zod';

/** RFC 3986 pchar and "/", without "%": nginx matches locations against the decoded path. */
const URL_PATH = /^\/[A-Za-z0-9\-._~!&'()*+,=:@/]*$/;

/** The path of an nginx location: absolute, plain, without `..`, query or escapes. */
export const urlPath = z
  .string()
  .trim()
  .max(512, 'must have at most 512 characters')
  .regex(URL_PATH, "is not a path; it starts with / and has letters, digits and -._~!&'()*+,=:@ only")
  .refine((path) => !path.split('/').some((part) => part === '..' || part === '.'), 'must not contain . or .. segments')
  .refine((path) => !path.includes('//'), 'must not contain //');

/** Where a redirect leads: an absolute http(s) URL without credentials or nginx variables. */
export const redirectUrl = z
  .string()
  .trim()
  .max(2048, 'must have at most 2048 characters')
  .transform((typed, context) => {
    const url = URL.parse(typed);
    const isPlain = url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
    if (isPlain && !/["'\\\s;{}$]/.test(url.href)) return url.href;
    context.addIssue({
      code: 'custom',
      message: 'is not a URL to redirect to; use for example https://www.example.com',
    });
    return z.NEVER;
  });
