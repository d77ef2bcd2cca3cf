import type { AttemptAction, AttemptStatus } from '../../../domain/attempt.js';
import { SHOWN_STATUSES, shownStatus } from '../../../domain/attempt.js';
import type { ErrorBody } from '../../../rest/errors/error-body.js';
import type { Field } from '../../../rest/schema/body.js';
import { ObjectField, optional, required } from '../../../rest/schema/body.js';
import {
  boolean,
  choice,
  data,
  encodedName,
  integer,
  list,
  name,
  nanoseconds,
  number,
  text,
  textName,
} from '../../../rest/schema/fields.js';
import { always, link, listOf, plainJson, Representation, sometimes } from '../../../rest/schema/representation.js';
import { ofNearMisses } from '../../../rest/schema/warnings.js';
import { ATTEMPT_URL } from './attempt.dto.js';

const FIFTEEN_MINUTES = 900_000_000_000;
/** In nanoseconds. */
const LONGEST_WAIT = 60_000_000_000;

export const ATTEMPT_REQUEST = new ObjectField(
  'AttemptRequest',
  {
    available_gb: optional(number(4), 'Memory that the worker has, in GB; 0 or less for no limit.'),
    lifetime: optional(
      nanoseconds(FIFTEEN_MINUTES, { minimum: 0 }),
      'Length of the lease in nanoseconds; 0 or absent: 15 minutes.',
    ),
    number_of_work_units: optional(integer(10), 'At most so many units; below 1 counts as 1.'),
    work_specs: optional(list(text('crawl'), ['crawl']), 'Only these work specs; none or absent: any.'),
    runtimes: optional(list(text('python_3'), ['python_3']), 'Only work specs of these runtimes; none or absent: any.'),
    wait: optional(
      nanoseconds(1_000_000_000, { minimum: 0, maximum: LONGEST_WAIT }),
      'How long to wait for work where there is none, in nanoseconds, a minute at most; 0 or absent: not at all.',
    ),
    brief: optional(
      boolean(true),
      'true: the answer has brief_attempts in place of attempts, for who does many units; absent: no.',
    ),
  },
  { description: 'What work a worker asks for.' },
  ofNearMisses(['available_gb', 'lifetime', 'number_of_work_units', 'work_specs', 'runtimes', 'wait', 'brief']),
);

export const ATTEMPT_SPECIFIC = new ObjectField(
  'AttemptSpecific',
  {
    work_spec: required(textName('crawl'), 'Name of the work spec.'),
    work_unit: required(name('u1'), 'Name of the work unit.'),
    work_unit_encoded: optional(
      encodedName('u1'),
      'Counts in place of work_unit: its name in the encoding of paths, for any bytes.',
    ),
    lifetime: optional(
      nanoseconds(FIFTEEN_MINUTES, { minimum: 0 }),
      'Length of the lease in nanoseconds; 0 or absent: 15 minutes.',
    ),
  },
  { description: 'The unit that an attempt is to be made at, whatever its state.' },
);

const own = optional(data, "Becomes the attempt's own data; absent: they stay as they are.");
const delay = optional(
  nanoseconds(60_000_000_000, { minimum: 0 }),
  'How long the unit waits before it may run again, in nanoseconds.',
);

const extension = optional(
  nanoseconds(FIFTEEN_MINUTES),
  'the new lease from now on, in nanoseconds; absent: 15 minutes; 0 or less expires at once.',
);

const cause = optional(
  text('no such page'),
  'what the worker calls the cause, at most 300 bytes of it; absent: what the data say.',
);

const final = optional(
  boolean(false),
  "whether it is for good, whatever the work spec's policy of retrying says; absent: no.",
);

export const ATTEMPT_COMPLETION = new ObjectField(
  'AttemptCompletion',
  {
    data: own,
    extend_duration: optional(extension.field, `For renew: ${extension.description}`),
    delay: optional(delay.field, `For retry. ${delay.description}`),
    cause: optional(cause.field, `For fail: ${cause.description}`),
    final: optional(final.field, `For fail: ${final.description}`),
  },
  { description: 'What a worker has to say about an attempt.' },
);

/** The outcomes of finish_attempts, and the transitions they are. */
export const OUTCOMES = {
  finished: 'finish',
  failed: 'fail',
  retryable: 'retry',
  expired: 'expire',
} as const satisfies Partial<Record<AttemptStatus, AttemptAction>>;

const OUTCOME_NAMES = Object.keys(OUTCOMES) as (keyof typeof OUTCOMES)[];

/** Longer than the link of any attempt, whatever of it is percent-encoded. */
const MAX_LINK = 32 * 1024;

const anyText = text(ATTEMPT_URL);

/** The link is repeated beside what became of its attempt. */
const attemptLink: Field<string> = {
  schema: anyText.schema,
  read(reader, name) {
    const start = reader.position;
    const link = anyText.read(reader, name);
    if (link === undefined || link.length <= MAX_LINK) return link;
    return reader.refuse(name, start, `is longer than any link: ${MAX_LINK} characters`);
  },
};

const ATTEMPT_OUTCOME = new ObjectField(
  'AttemptOutcome',
  {
    url: required(attemptLink, 'Link of the attempt.'),
    outcome: required(choice(OUTCOME_NAMES, 'finished'), 'How it went.'),
    data: own,
    delay: optional(delay.field, `For retryable. ${delay.description}`),
    cause: optional(cause.field, `For failed: ${cause.description}`),
    final: optional(final.field, `For failed: ${final.description}`),
  },
  { description: 'How one attempt went.' },
);

const brief = optional(boolean(true), 'true: the answer has only the results of those that were refused; absent: no.');

export const ATTEMPT_OUTCOMES = new ObjectField(
  'AttemptOutcomes',
  { attempts: required(list(ATTEMPT_OUTCOME), 'The attempts, brought home one by one in this order.'), brief },
  { description: 'How some attempts went.' },
  undefined,
  'the list goes into it as "attempts"',
);

const ATTEMPT_RENEWAL = new ObjectField(
  'AttemptRenewal',
  {
    url: required(attemptLink, 'Link of the attempt.'),
    extend_duration: optional(extension.field, `How long it goes on: ${extension.description}`),
    data: own,
  },
  { description: 'An attempt to go on with.' },
);

export const ATTEMPT_RENEWALS = new ObjectField(
  'AttemptRenewals',
  { attempts: required(list(ATTEMPT_RENEWAL), 'The attempts, renewed one by one in this order.'), brief },
  { description: 'Attempts to go on with.' },
  undefined,
  'the list goes into it as "attempts"',
);

export type OutcomeView = { url: string } & (
  { status: AttemptStatus } | { refusal: Pick<ErrorBody, 'error' | 'message'> }
);

const OUTCOME_RESULT = new Representation<OutcomeView>(
  'AttemptOutcomeResult',
  {
    url: always(link(ATTEMPT_URL), 'The link that was sent.', ({ url }) => JSON.stringify(url)),
    status: sometimes(
      { type: 'string', enum: SHOWN_STATUSES, example: 'finished' },
      'The status of the attempt afterwards, if it went well.',
      (view) => ('status' in view ? plainJson(shownStatus(view.status)) : undefined),
    ),
    error: sometimes({ type: 'string', example: 'ErrNotPending' }, 'Why it did not.', (view) =>
      'refusal' in view ? JSON.stringify(view.refusal.error) : undefined,
    ),
    message: sometimes({ type: 'string', example: 'Attempt is not pending' }, 'The same for people.', (view) =>
      'refusal' in view ? JSON.stringify(view.refusal.message) : undefined,
    ),
  },
  { description: 'What became of one attempt: its status, or an error and a message.' },
);

export const OUTCOME_RESULTS = new Representation<readonly OutcomeView[]>(
  'AttemptOutcomeResults',
  {
    results: listOf(
      'The results, in the order of the request; with `brief` only of those that were refused.',
      OUTCOME_RESULT,
      (views) => views,
    ),
  },
  { description: 'What became of some attempts.' },
);
