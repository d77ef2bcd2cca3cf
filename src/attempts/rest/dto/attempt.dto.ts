import type { Attempt, AttemptRecord, AttemptRef } from '../../../domain/attempt.js';
import { isStopped, SHOWN_STATUSES, shownStatus } from '../../../domain/attempt.js';
import type { Warning } from '../../../domain/warning.js';
import type { DataForm } from '../../../rest/json/data.js';
import { attemptUrl, type Home, workerUrl, workSpecUrl, workUnitUrl } from '../../../rest/links.js';
import { readable } from '../../../rest/names.js';
import {
  always,
  dictionary,
  type Items,
  link,
  listOf,
  moment,
  nameSchema,
  nextLink,
  plainJson,
  Representation,
  sometimes,
  sometimesListOf,
} from '../../../rest/schema/representation.js';
import { warnings } from '../../../rest/schema/warnings.js';
import { formatTime } from '../../../rest/time.js';

/** An attempt with the links it is made of. */
export interface AttemptView<A extends AttemptRef = Attempt> {
  form?: DataForm;
  namespace: string;
  attempt: A;
  url: string;
  unitUrl: string;
  workerUrl: string;
}

export function viewAttempt<A extends AttemptRef>(home: Home, attempt: A, form?: DataForm): AttemptView<A> {
  const unitUrl = workUnitUrl(workSpecUrl(home, attempt.workSpec), attempt.workUnit);
  const url = attemptUrl(unitUrl, attempt);
  return { form, namespace: home.name, attempt, url, unitUrl, workerUrl: workerUrl(home, attempt.worker) };
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
  namespace: always(nameSchema('default'), 'Name of the namespace.', ({ namespace }: AttemptView<AttemptRef>) =>
    JSON.stringify(namespace),
  ),
  work_spec: always(nameSchema('crawl'), 'Name of the work spec.', ({ attempt }: AttemptView<AttemptRef>) =>
    JSON.stringify(attempt.workSpec),
  ),
  work_unit: always(
    nameSchema('u1'),
    'Name of the work unit; bytes that are not UTF-8 show as U+FFFD, the links have them.',
    ({ attempt }: AttemptView<AttemptRef>) => JSON.stringify(readable(attempt.workUnit)),
  ),
  worker: always(nameSchema('worker-1'), 'Name of the worker.', ({ attempt }: AttemptView<AttemptRef>) =>
    JSON.stringify(readable(attempt.worker)),
  ),
  start: always(
    { type: 'string', example: 'h3k8xkcao0.1' },
    'The opaque last part of its address.',
    ({ url }: AttemptView<AttemptRef>) => plainJson(url.slice(url.lastIndexOf('/') + 1)),
  ),
};

const status = always(
  { type: 'string', enum: SHOWN_STATUSES, example: 'pending' },
  'Its status now.',
  ({ attempt }: AttemptView<AttemptRecord>) => plainJson(shownStatus(attempt.status)),
);
const cancelled = sometimes(
  { type: 'boolean', example: true },
  'true of one that was stopped by somebody else than its worker; absent of any other.',
  ({ attempt }: AttemptView<AttemptRecord>) => (isStopped(attempt.status) ? 'true' : undefined),
);
const endTime = always(
  moment('0001-01-01T00:00:00Z'),
  'When it ended; the zero time before.',
  ({ attempt }: AttemptView<AttemptRecord>) => plainJson(formatTime(attempt.end)),
);

export const ATTEMPT_SHORT = new Representation<AttemptView<AttemptRecord>>(
  'AttemptShort',
  { ...short, status, cancelled, end_time: endTime },
  { description: 'An attempt in a list.' },
);

const action = (name: string, description: string) =>
  always(link(`${ATTEMPT_URL}/${name}`), description, ({ url }: AttemptView) => plainJson(`${url}/${name}`));

const full = {
  ...short,
  status,
  cancelled,
  data: dictionary(
    "Its own data where set, else its unit's as they were when it began.",
    ({ attempt }: AttemptView) => attempt.data,
  ),
  end_time: endTime,
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

/** An attempt in as few words as it can be worked on by. */
export interface BriefView {
  form?: DataForm;
  attempt: Attempt;
  url: string;
}

const BRIEF_ATTEMPT = new Representation<BriefView>(
  'BriefAttempt',
  {
    url: always(link(ATTEMPT_URL), 'Link of the attempt.', ({ url }) => plainJson(url)),
    work_unit: always(nameSchema('u1'), short.work_unit.description, ({ attempt }) =>
      JSON.stringify(readable(attempt.workUnit)),
    ),
    data: dictionary(full.data.description, ({ attempt }: BriefView) => attempt.data),
  },
  { description: 'An attempt in as few words as it can be worked on by.' },
);

export interface ClaimView {
  workSpecUrl?: string;
  attempts: Items<AttemptView>;
  briefAttempts?: Items<BriefView>;
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
    attempts: listOf('The attempts; none when there is no work, or with `brief`.', ATTEMPT, (claim) => claim.attempts),
    brief_attempts: sometimesListOf(
      'The attempts, where the request says `brief`.',
      BRIEF_ATTEMPT,
      (claim: ClaimView) => claim.briefAttempts,
    ),
    warnings: warnings((claim: ClaimView) => claim.warnings),
  },
  { description: 'Work that was handed out.' },
);

export interface AttemptPage {
  attempts: readonly AttemptView<AttemptRecord>[];
  nextUrl?: string;
}

export const ATTEMPT_LIST = new Representation<AttemptPage>(
  'AttemptList',
  {
    attempts: listOf('The attempts, oldest first.', ATTEMPT_SHORT, ({ attempts }) => attempts),
    next_url: nextLink('/namespace/default/worker/worker-1/all_attempts?next=1&limit=1'),
  },
  { description: 'Some attempts.' },
);

const SHORT_EXAMPLE = {
  url: ATTEMPT_URL,
  work_unit_url: UNIT_URL,
  worker_url: WORKER_URL,
  start_time: START,
  namespace: 'default',
  work_spec: 'crawl',
  work_unit: 'u1',
  worker: 'worker-1',
  start: 'h3k8xkcao0.1',
};
export const ATTEMPT_LIST_EXAMPLE = {
  attempts: [{ ...SHORT_EXAMPLE, status: 'finished', end_time: '2026-01-02T03:05:00Z' }],
};

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
