import { rule, type Rule, type RuleDraft } from '@flotilla/contracts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

type Classes = Extract<RuleDraft['match'], { of: 'suspicious' }>['classes'];
const INJECTIONS = [
  'path_traversal',
  'sql_injection',
  'xss',
  'shell_injection',
  'template_injection',
] as const satisfies Classes;
/** What nobody does by mistake. */
const DELIBERATE = ['sensitive_path', 'scanner_agent', ...INJECTIONS] as const satisfies Classes;

/** Asked for by programs on their own, or parts of a page: missing in many a good site. */
const EXTENSIONS = 'avif bmp css gif ico jpeg jpg js map mp3 mp4 png svg ttf webm webmanifest webp woff woff2'.split(
  ' ',
);
const UNASKED_PATHS = [
  '**/ads.txt',
  '**/app-ads.txt',
  '**/browserconfig.xml',
  '**/robots.txt',
  '**/security.txt',
  '**/sitemap*.xml**',
  '/.well-known/**',
  ...EXTENSIONS.map((extension) => `**.${extension}`),
];

const ESCALATION = { factor: 2, maxDurationMs: 7 * DAY_MS, memoryMs: 7 * DAY_MS };
const banFor = (hours: number, reach: 'service' | 'node' | 'fleet') => ({
  action: { kind: 'ban', durationMs: hours * HOUR_MS, reach } as const,
  escalation: ESCALATION,
});

const drafts: Omit<RuleDraft, 'origin'>[] = [
  {
    id: 'clear-injection',
    name: 'Unmistakable attack',
    description: 'One request that is two attacks at once, such as a scanner’s that tries an injection.',
    match: { of: 'suspicious', classes: [...DELIBERATE], minClasses: 2 },
    threshold: { bucket: { capacity: 1, leakPerSecond: 1 } },
    ...banFor(24, 'fleet'),
  },
  {
    id: 'injection',
    name: 'Injection',
    description: 'Requests that try to have a database, a shell, a template or a page do what the client wants.',
    match: { of: 'suspicious', classes: [...INJECTIONS] },
    threshold: { bucket: { capacity: 2, leakPerSecond: 1 / 600 } },
    ...banFor(24, 'fleet'),
  },
  {
    id: 'wordpress-login',
    name: 'WordPress logins across sites',
    description: 'One client that tries to log in to many WordPress sites on several nodes.',
    match: { of: 'suspicious', paths: ['**/wp-login.php'], methods: ['POST'] },
    threshold: { distinctServices: 10, distinctNodes: 2, windowMs: 10 * MINUTE_MS },
    ...banFor(4, 'fleet'),
  },
  {
    id: 'service-sweep',
    name: 'Sweep over services',
    description: 'One client that tries the same on one service after the other.',
    match: { of: 'suspicious', classes: [...DELIBERATE] },
    threshold: { distinctServices: 3, windowMs: 10 * MINUTE_MS },
    ...banFor(4, 'fleet'),
  },
  {
    id: 'node-sweep',
    name: 'Sweep over nodes',
    description: 'One client that tries the same on one node after the other.',
    match: { of: 'suspicious', classes: [...DELIBERATE] },
    threshold: { distinctNodes: 3, windowMs: 10 * MINUTE_MS },
    ...banFor(4, 'fleet'),
  },
  {
    id: 'bad-user-agents',
    name: 'Scanners that say so',
    description: 'User agents of scanners and attack tools.',
    match: { of: 'suspicious', classes: ['scanner_agent'] },
    threshold: { bucket: { capacity: 3, leakPerSecond: 1 / 120 } },
    ...banFor(24, 'fleet'),
  },
  {
    id: 'sensitive-paths',
    name: 'Search for secrets',
    description: 'Asks for several files that only somebody looking for secrets or known holes asks for.',
    match: { of: 'suspicious', classes: ['sensitive_path'] },
    threshold: { distinctPaths: 4, windowMs: 5 * MINUTE_MS },
    ...banFor(4, 'fleet'),
  },
  {
    id: 'probing',
    name: 'Probing',
    description:
      'Asks for one page after the other that is not there, and for little else. Missing parts of pages do not count.',
    match: {
      of: 'suspicious',
      classes: ['not_found', 'auth_failure', 'sensitive_path'],
      // Not 401: an application whose session has ended is refused all that its page asks for.
      statuses: [400, 403, 404, 405, 410],
      exceptPaths: UNASKED_PATHS,
    },
    threshold: { distinctPaths: 10, minShare: 0.7, windowMs: MINUTE_MS },
    ...banFor(4, 'fleet'),
  },
  {
    id: 'login-failures',
    name: 'Failed logins',
    description: 'Logs in and is refused, again and again.',
    match: { of: 'suspicious', classes: ['login_attempt', 'auth_failure'], minClasses: 2 },
    threshold: { bucket: { capacity: 10, leakPerSecond: 1 / 10 } },
    ...banFor(4, 'fleet'),
  },
  {
    id: 'login-attempts',
    name: 'Very many logins',
    description:
      'Logs in more often than people do, whatever the answer: many applications answer a wrong password with 200.',
    match: { of: 'suspicious', classes: ['login_attempt'] },
    threshold: { bucket: { capacity: 20, leakPerSecond: 1 / 5 } },
    ...banFor(1, 'fleet'),
  },
  {
    id: 'auth-failures',
    name: 'Refused again and again',
    description: 'Requests without the right to them, more and faster than a program with an old password sends.',
    match: { of: 'suspicious', classes: ['auth_failure'] },
    threshold: { bucket: { capacity: 60, leakPerSecond: 1 } },
    ...banFor(1, 'fleet'),
  },
  {
    id: 'crawling',
    name: 'Fast crawling',
    description:
      'More distinct pages in a minute than a well-behaved crawler, or an office behind one address, asks for.',
    match: { of: 'volume' },
    threshold: { distinctPaths: 600, windowMs: MINUTE_MS },
    ...banFor(1, 'fleet'),
  },
  {
    id: 'request-flood',
    name: 'Flood over several nodes',
    description: 'More requests than one node lets a client send, spread so that no node sees as many.',
    match: { of: 'volume' },
    threshold: { bucket: { capacity: 3000, leakPerSecond: 100 }, distinctNodes: 2 },
    ...banFor(1, 'fleet'),
  },
];

/** The rules that are there from the start, the clearest first: the first that has seen enough is the one that bans. */
export const shippedRules: readonly Rule[] = drafts.map((draft) => rule.parse({ ...draft, origin: 'shipped' }));
