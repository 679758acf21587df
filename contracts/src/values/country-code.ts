import { z } from 'zod';

/** ISO 3166, two letters. */
export const countryCode = z.string().regex(/^[A-Z]{2}$/, 'is not two capital letters');
