import { ObjectField, optional } from '../../../rest/schema/body.js';
import { boolean, text } from '../../../rest/schema/fields.js';
import { ofNearMisses } from '../../../rest/schema/warnings.js';

export const CANCELLATION = new ObjectField(
  'Cancellation',
  {
    reason: optional(
      text('the input was wrong'),
      'Why, for people: its units fail with the cause `cancelled: REASON`, of at most 300 bytes.',
    ),
    release: optional(
      boolean(true),
      'true: the units are given back, and the attempts read retryable; absent or false: the units fail.',
    ),
  },
  { description: 'Why attempts are stopped, and what becomes of their units.' },
  ofNearMisses(['reason', 'release']),
);
