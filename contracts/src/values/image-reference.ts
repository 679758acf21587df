import { z } from 'zod';

const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const REGISTRY = '(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::[0-9]{1,5})?/)?';
const REFERENCE = new RegExp(
  `^${REGISTRY}${COMPONENT}(?:/${COMPONENT})*(?::[\\w][\\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$`,
);

/** Where an image comes from, as Docker writes it: `nginx`, `ghcr.io/shop/web:1.4`, `…@sha256:…` (distribution/reference). */
export const imageReference = z
  .string()
  .trim()
  .max(512, 'must have at most 512 characters')
  .regex(REFERENCE, 'is not an image; write it like ghcr.io/shop/web:1.4');
