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

/** The path of what a client asked for, without its query; of an absolute form (`GET http://host/path`) only the path. */
export function pathOfUri(uri: string): string {
  const end = uri.search(/[?#]/);
  const target = end === -1 ? uri : uri.slice(0, end);
  if (target.startsWith('/')) return target;
  const host = /^[a-z][a-z0-9+.-]*:\/\/[^/]*/i.exec(target)?.[0];
  return host === undefined ? target : target.slice(host.length) || '/';
}
