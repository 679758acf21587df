import { z } from 'zod';

/** A TCP port, 1 to 65535. */
export const port = z
  .number('must be a whole number from 1 to 65535')
  .int('must be a whole number from 1 to 65535')
  .min(1, 'must be a whole number from 1 to 65535')
  .max(65_535, 'must be a whole number from 1 to 65535');
