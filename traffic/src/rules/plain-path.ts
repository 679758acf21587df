const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const NEEDS_WORK = /[%A-Z]|\/\//;

/** Parts of a page, which a browser asks for by itself and which are missing in many good sites. */
const ASSET =
  /\.(?:avif|bmp|css|cur|eot|gif|ico|jpe?g|js|m3u8|m4s|map|mjs|mp3|mp4|ogg|otf|png|svg|ts|ttf|wasm|webm|webmanifest|webp|woff2?)$/;

/**
 * The path as rules compare it: decoded once, in lower case, without doubled slashes, since these are what somebody writes
 * who does not want to be seen.
 */
export function plainPath(path: string): string {
  if (!NEEDS_WORK.test(path)) return path;
  return path
    .replaceAll(/%([0-7][0-9a-fA-F])/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .toLowerCase()
    .replaceAll(/\/{2,}/g, '/');
}

/** @param path as `plainPath` gives it */
export function isPage(path: string): boolean {
  return !ASSET.test(path);
}

/**
 * 32 evenly spread bits of a path (FNV-1a, then MurmurHash3's finaliser). Agents and Core must agree on them for ever.
 * @param path as `plainPath` gives it
 */
export function hashPath(path: string): number {
  let hash = FNV_OFFSET;
  for (let at = 0; at < path.length; at += 1) hash = Math.imul(hash ^ path.charCodeAt(at), FNV_PRIME);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The path of what a client asked for, without its query; of an absolute form (`GET http://host/path`) only the path. */
export function pathOfUri(uri: string): string {
  const end = uri.search(/[?#]/);
  const target = end === -1 ? uri : uri.slice(0, end);
  if (target.startsWith('/')) return target;
  const host = /^[a-z][a-z0-9+.-]*:\/\/[^/]*/i.exec(target)?.[0];
  return host === undefined ? target : target.slice(host.length) || '/';
}
