const OPTIONS_WITH_VALUE: ReadonlySet<string> = new Set(
  '-o --output -m --max-time --connect-timeout -O --output-document -T --timeout -t --tries'.split(' '),
);
const FLAGS: ReadonlySet<string> = new Set(
  '--fail --silent --show-error --location --quiet --spider --no-verbose -nv -O- -qO-'.split(' '),
);
const SHORT_FLAGS = /^-[fsSLq]+$/;
/** What a shell would do something with. */
const SHELL_SYNTAX = /[|;&$<>`()\\]/;
const ITSELF: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

export interface HttpCheck {
  readonly port: number;
  readonly path: string;
}

/**
 * A HEALTHCHECK by curl or wget that asks the container itself for one page over plain HTTP, and does nothing else.
 * @param test as Docker has it: `CMD` and words, or `CMD-SHELL` and a line for a shell
 * @returns null for every other check
 */
export function parseHttpCheck([kind, ...rest]: readonly string[]): HttpCheck | null {
  const words =
    kind === 'CMD'
      ? rest
      : (rest[0] ?? '')
          .replace(/\|\|\s*(?:exit 1|false)\s*$/, '')
          .split(/\s+/)
          .map(unquote);
  const [program = '', ...options] = words.filter((word) => word !== '');
  if (!/^(?:\/usr)?(?:\/bin\/)?(?:curl|wget)$/.test(program)) return null;
  if (options.some((word) => SHELL_SYNTAX.test(word))) return null;
  const addresses: string[] = [];
  for (let at = 0; at < options.length; at += 1) {
    const word = options[at] ?? '';
    if (OPTIONS_WITH_VALUE.has(word)) at += 1;
    else if (!word.startsWith('-')) addresses.push(word);
    else if (!FLAGS.has(word) && !SHORT_FLAGS.test(word) && !isOptionWithValue(word)) return null;
  }
  return addresses.length === 1 ? parseAddress(addresses[0] ?? '') : null;
}

function isOptionWithValue(word: string): boolean {
  return OPTIONS_WITH_VALUE.has(word.slice(0, word.indexOf('=')));
}

function parseAddress(address: string): HttpCheck | null {
  const url = URL.parse(/^[a-z]+:\/\//i.test(address) ? address : `http://${address}`);
  if (url === null || url.protocol !== 'http:' || !ITSELF.has(url.hostname)) return null;
  if (url.search !== '' || url.username !== '' || url.password !== '') return null;
  return { port: Number(url.port === '' ? 80 : url.port), path: url.pathname };
}

function unquote(word: string): string {
  return /^(["'])(.*)\1$/.exec(word)?.[2] ?? word;
}
