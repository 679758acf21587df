import { MAX_BODY_BYTES } from '@flotilla/contracts';
import express, { type RequestHandler } from 'express';
import { findNestingDepth } from './find-nesting-depth.ts';
import { BadRequest } from './problems.ts';

/** The deepest of our bodies has seven levels. */
const MAX_NESTING = 32;

/**
 * Reads JSON bodies into `request.body`. The size limit holds after inflation too, and inflating stops at it.
 * Leaves `request.body` undefined when there is no body or it is not JSON; `parseRequest` complains then.
 */
export function readJsonBody(maxBytes: number = MAX_BODY_BYTES): RequestHandler {
  return express.json({
    limit: maxBytes,
    verify: (_request, _response, json) => {
      if (findNestingDepth(json) > MAX_NESTING)
        throw new BadRequest(`The body nests deeper than ${MAX_NESTING} levels.`);
    },
  });
}
