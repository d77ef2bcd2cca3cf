import type { Attempt, AttemptRef } from '../../domain/attempt.js';
import { ATTEMPT_STATUSES } from '../../domain/attempt.js';
import type { Warning } from '../../domain/warning.js';
import { dataJson } from '../../rest/json/data.js';
import { attemptUrl, workerUrl, workSpecUrl, workUnitUrl } from '../../rest/links.js';
import { readable } from '../../rest/names.js';
import { DATA_SCHEMA } from '../../rest/schema/data-schema.js';
import {
  always,
  link,
  listJson,
  moment,
  nameSchema,
  plainJson,
  Representation,
  sometimes,
} from '../../rest/schema/representation.js';
import { warnings } from '../../rest/schema/warnings.js';
import { formatTime } from '../../rest/time.js';

/** An attempt with the links it is made of. */
export interface AttemptView<A extends AttemptRef = Attempt> {
  attempt: A;
  url: string;
  unitUrl: string;
  workerUrl: string;
}

export function viewAttempt<A extends AttemptRef>(namespace: string, attempt: A): AttemptView<A> {
  const unitUrl = workUnitUrl(workSpecUrl(namespace, attempt.workSpec), attempt.workUnit);
  return { attempt, url: attemptUrl(unitUrl, attempt), unitUrl, workerUrl: workerUrl(namespace, attempt.worker) };
}

const UNIT_URL = '/namespace/default/work_spec/crawl/work_unit/u1';
const WORKER_URL = '/namespace/default/worker/worker-1';
export const ATTEMPT_URL = `${UNIT_URL}/attempt/worker-1/h3k8xkcao0.1`;
const START = '2026-01-02T03:04:05.678901Z';

const short = {
  url: always(link(ATTEMPT_URL), 'Link of the attempt.', ({ url }: AttemptView<AttemptRef>) => plainJson(url)),
  work_unit_url: always(link(UNIT_URL), 'Its work unit.', ({ unitUrl }: AttemptView<AttemptRef>) => plainJson(unitUrl)),
  worker_url: always(link(WORKER_URL), 'Its worker.', ({ workerUrl }: AttemptView<AttemptRef>) => plainJson(workerUrl)),
  start_time: always(moment(START), 'When it began.', ({ attempt }: AttemptView<AttemptRef>) =>
    plainJson(formatTime(attempt.start)),
  ),
};

export const ATTEMPT_SHORT = new Representation<AttemptView<AttemptRef>>('AttemptShort', short, {
  description: 'An attempt in a list.',
});

const action = (name: string, description: string) =>
  always(link(`${ATTEMPT_URL}/${name}`), description, ({ url }: AttemptView) => plainJson(`${url}/${name}`));

const full = {
  ...short,
  status: always(
    { type: 'string', enum: ATTEMPT_STATUSES, example: 'pending' },
    'Its status now.',
    ({ attempt }: AttemptView) => plainJson(attempt.status),
  ),
  data: always(
    DATA_SCHEMA,
    "Its own data where set, else its unit's as they were when it began.",
    ({ attempt }: AttemptView) => dataJson(attempt.data),
  ),
  end_time: always(moment('0001-01-01T00:00:00Z'), 'When it ended; the zero time before.', ({ attempt }: AttemptView) =>
    plainJson(formatTime(attempt.end)),
  ),
  expiration_time: always(moment('2026-01-02T03:19:05.678901Z'), 'When its lease ends.', ({ attempt }: AttemptView) =>
    plainJson(formatTime(attempt.expiration)),
  ),
  renew_url: action('renew', 'POST here to go on.'),
  expire_url: action('expire', 'POST here to give the unit back.'),
  finish_url: action('finish', 'POST here when it is done.'),
  fail_url: action('fail', 'POST here when it cannot be done.'),
  retry_url: action('retry', 'POST here when it should be done again later.'),
};

export const ATTEMPT = new Representation<AttemptView>('Attempt', full, {
  description: "One worker's try at one work unit.",
});

export const CLAIMED_ATTEMPT = new Representation<AttemptView>(
  'ClaimedAttempt',
  {
    ...full,
    work_spec: always(nameSchema('crawl'), 'Name of the work spec.', ({ attempt }) => JSON.stringify(attempt.workSpec)),
    work_unit: always(nameSchema('u1'), 'Name of the work unit.', ({ attempt }) =>
      JSON.stringify(readable(attempt.workUnit)),
    ),
  },
  { description: 'An attempt that was just handed out.' },
);

export interface ClaimView {
  workSpecUrl?: string;
  attempts: readonly AttemptView[];
  warnings?: readonly Warning[];
}

export const CLAIM = new Representation<ClaimView>(
  'AttemptResponse',
  {
    work_spec_url: sometimes(
      link('/namespace/default/work_spec/crawl'),
      'The work spec that all attempts are of.',
      ({ workSpecUrl }) => (workSpecUrl === undefined ? undefined : plainJson(workSpecUrl)),
    ),
    attempts: always(
      { type: 'array', items: CLAIMED_ATTEMPT.ref },
      'The attempts; none when there is no work.',
      (claim) => listJson(claim.attempts, CLAIMED_ATTEMPT.json),
    ),
    warnings: warnings((claim: ClaimView) => claim.warnings),
  },
  { description: 'Work that was handed out.' },
);

export const ATTEMPT_LIST = new Representation<readonly AttemptView<AttemptRef>[]>(
  'AttemptList',
  {
    attempts: always({ type: 'array', items: ATTEMPT_SHORT.ref }, 'The attempts, oldest first.', (views) =>
      listJson(views, ATTEMPT_SHORT.json),
    ),
  },
  { description: 'Some attempts.' },
);

const SHORT_EXAMPLE = { url: ATTEMPT_URL, work_unit_url: UNIT_URL, worker_url: WORKER_URL, start_time: START };
export const ATTEMPT_LIST_EXAMPLE = { attempts: [SHORT_EXAMPLE] };

export const ATTEMPT_EXAMPLE = {
  ...SHORT_EXAMPLE,
  status: 'pending',
  data: { page: 1 },
  end_time: '0001-01-01T00:00:00Z',
  expiration_time: '2026-01-02T03:19:05.678901Z',
  renew_url: `${ATTEMPT_URL}/renew`,
  expire_url: `${ATTEMPT_URL}/expire`,
  finish_url: `${ATTEMPT_URL}/finish`,
  fail_url: `${ATTEMPT_URL}/fail`,
  retry_url: `${ATTEMPT_URL}/retry`,
};
