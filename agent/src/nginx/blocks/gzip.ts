import { directive, type Directive } from '../directive.ts';

/** text/html is always compressed and must not be named. */
const COMPRESSED_TYPES = [
  'text/plain',
  'text/css',
  'text/xml',
  'text/javascript',
  'application/javascript',
  'application/json',
  'application/manifest+json',
  'application/xml',
  'application/rss+xml',
  'application/atom+xml',
  'application/wasm',
  'image/svg+xml',
];

/** How responses are compressed where a site has it on. */
export function gzipDefaults(): Directive[] {
  return [
    directive('gzip_vary', 'on'),
    directive('gzip_proxied', 'any'),
    directive('gzip_comp_level', 5),
    directive('gzip_min_length', 1024),
    directive('gzip_types', ...COMPRESSED_TYPES),
  ];
}

export function gzip(isOn: boolean): Directive {
  return directive('gzip', isOn ? 'on' : 'off');
}
