/** What the node's nginx is and where it serves; equal for all sites of a rendering. */
export interface RenderOptions {
  readonly nginxVersion: NginxVersion;
  readonly listenAddress: string | null;
  readonly httpPort: number;
  readonly httpsPort: number;
  /** False while another program holds the HTTPS port. */
  readonly isHttpsServed: boolean;
  /** Whether the kernel that nginx runs on has IPv6; a `listen [::]` without it fails as a whole. */
  readonly hasIpv6: boolean;
  /** The agent's nginx folder as nginx sees it; absolute, without a slash at the end. */
  readonly root: string;
  /** Unix socket of the control server, as nginx sees it. */
  readonly controlSocket: string;
  readonly workerCount: number;
  /** Account of the workers; null when nginx does not run as root and cannot change it. */
  readonly workerUser: string | null;
}

/** `[1, 22, 1]` */
export type NginxVersion = readonly [major: number, minor: number, patch: number];

export function isAtLeast(version: NginxVersion, wanted: NginxVersion): boolean {
  const position = version.findIndex((part, index) => part !== wanted[index]);
  return position === -1 || (version[position] ?? 0) > (wanted[position] ?? 0);
}

/** `nginx version: nginx/1.22.1 (Ubuntu)` as `nginx -v` prints it; null when it is something else. */
export function parseNginxVersion(text: string): NginxVersion | null {
  const [, major, minor, patch] = /nginx\/(\d+)\.(\d+)\.(\d+)/.exec(text) ?? [];
  return major === undefined || minor === undefined || patch === undefined
    ? null
    : [Number(major), Number(minor), Number(patch)];
}
