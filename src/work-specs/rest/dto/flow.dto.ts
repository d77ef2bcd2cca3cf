import type { Schema } from '../../../rest/openapi/schema.js';

/** A flow as a definition writes it. */
export const FLOW_SCHEMA = {
  type: 'object',
  additionalProperties: true,
  example: { retry: { attempts: 5, backoff: 'exponential', delay: 10 } },
} satisfies Schema;
