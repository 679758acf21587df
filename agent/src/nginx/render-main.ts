import { accessLog } from './blocks/access-log.ts';
import { controlServer } from './blocks/control-server.ts';
import { defaultServers } from './blocks/default-servers.ts';
import { errorPageVariables } from './blocks/error-pages.ts';
import { gzipDefaults } from './blocks/gzip.ts';
import { maintenanceDefaults } from './blocks/maintenance.ts';
import { limitDefaults } from './blocks/request-limits.ts';
import { tlsDefaults } from './blocks/tls.ts';
import { websocketVariables } from './blocks/websocket.ts';
import { block, directive, type Directive } from './directive.ts';
import { formatDirectives } from './format-directives.ts';
import type { RenderOptions } from './render-options.ts';

export interface MainContent {
  readonly releaseId: string;
  /** Paths below the root, in the order in which nginx reads them. */
  readonly siteFiles: readonly string[];
  /** Who is refused (`bans/render-bans.ts`). */
  readonly bansFile: string;
  /** How many server names the sites have together. */
  readonly nameCount: number;
}

/** Old workers end their open connections within this time: WebSockets survive a change of another site for so long. */
const WORKER_SHUTDOWN_TIMEOUT = '5m';
const WORKER_CONNECTIONS = 4096;
/** A proxied connection takes two descriptors, and files some. */
const WORKER_DESCRIPTORS = 4 * WORKER_CONNECTIONS;
/** What a site adds to nginx's variables at most: proto, trusted, denied, outside, maintenance. */
const VARIABLES_PER_SITE = 5;

/** nginx.conf: everything that the sites share, and an include for each of them. */
export function renderMain(content: MainContent, options: RenderOptions): string {
  const { root, workerUser } = options;
  const isRoot = workerUser !== null;
  return formatDirectives([
    ...(isRoot ? [directive('user', workerUser), directive('worker_rlimit_nofile', WORKER_DESCRIPTORS)] : []),
    directive('pid', `${root}/run/nginx.pid`),
    directive('error_log', `${root}/logs/error.log`, 'warn'),
    directive('worker_processes', options.workerCount),
    directive('worker_shutdown_timeout', WORKER_SHUTDOWN_TIMEOUT),
    block('events', [], [directive('worker_connections', isRoot ? WORKER_CONNECTIONS : 1024)]),
    block('http', [], http(content, options)),
  ]);
}

function http({ releaseId, siteFiles, bansFile, nameCount }: MainContent, options: RenderOptions): Directive[] {
  const { root, controlSocket } = options;
  return [
    directive('default_type', 'application/octet-stream'),
    directive('server_tokens', 'off'),
    directive('tcp_nopush', 'on'),
    directive('sendfile', 'on'),
    ...hashSizes(nameCount, siteFiles.length),
    ...temporaryPaths(root),
    ...accessLog(`${root}/logs/access.log`),
    directive('proxy_http_version', '1.1'),
    directive('proxy_ssl_server_name', 'on'),
    ...gzipDefaults(),
    ...tlsDefaults(),
    ...websocketVariables(),
    hostPortVariable(),
    ...errorPageVariables(),
    ...maintenanceDefaults(),
    ...limitDefaults(),
    directive('include', `${root}/${bansFile}`),
    controlServer(controlSocket, releaseId),
    ...defaultServers(options),
    ...siteFiles.map((file) => directive('include', `${root}/${file}`)),
  ];
}

/** nginx refuses to start when a name does not fit, and a name may have 253 characters. */
function hashSizes(nameCount: number, siteCount: number): Directive[] {
  return [
    directive('server_names_hash_bucket_size', 512),
    directive('server_names_hash_max_size', powerOfTwoFor(2 * nameCount, 1024)),
    directive('variables_hash_bucket_size', 128),
    directive('variables_hash_max_size', powerOfTwoFor(2 * VARIABLES_PER_SITE * siteCount, 2048)),
  ];
}

function powerOfTwoFor(count: number, atLeast: number): number {
  return Math.max(atLeast, 2 ** Math.ceil(Math.log2(Math.max(1, count))));
}

function temporaryPaths(root: string): Directive[] {
  return ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) =>
    directive(`${kind}_temp_path`, `${root}/temp/${kind}`),
  );
}

/** The port that the client wrote after the host; `$host` leaves it out, and targets build links with it. */
function hostPortVariable(): Directive {
  return block(
    'map',
    ['$http_host', '$flotilla_host_port'],
    [directive('default', ''), directive('~(?<flotilla_port>:[0-9]+)$', '$flotilla_port')],
  );
}
