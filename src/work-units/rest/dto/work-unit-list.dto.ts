import { decodeValue, mapEntry } from '../../../cbor/index.js';
import { isRefused } from '../../../domain/claim-rules.js';
import { textOf } from '../../../domain/loose-values.js';
import type { NameSearch, WorkUnit } from '../../../domain/work-unit.js';
import { WORK_UNIT_STATUSES } from '../../../domain/work-unit.js';
import type { AttemptRecord } from '../../../domain/attempt.js';
import type { DataForm } from '../../../rest/json/data.js';
import { attemptUrl, type Home, workerUrl } from '../../../rest/links.js';
import { encodeByteName, readable } from '../../../rest/names.js';
import type { INCLUDES } from '../../../rest/openapi/parameters.js';
import {
  always,
  link,
  listOf,
  moment,
  nameSchema,
  nextLink,
  plainJson,
  Representation,
  sometimes,
  sometimesDictionary,
  wholeNumber,
} from '../../../rest/schema/representation.js';
import { formatTime } from '../../../rest/time.js';
import type { UnitName } from './work-unit.dto.js';
import { SHORT_EXAMPLE, WORK_UNIT_META, WORK_UNIT_SHORT } from './work-unit.dto.js';

export type Include = (typeof INCLUDES)[number];

/** A unit in a list, with what was asked for besides its name. */
export interface ListedUnit extends UnitName {
  home: Home;
  /** Where more than the name was asked for. */
  unit?: WorkUnit;
  include: ReadonlySet<Include>;
  form?: DataForm;
}

interface AttemptOfUnit extends ListedUnit {
  unit: WorkUnit;
  attempt: AttemptRecord;
}

const START = '2026-01-02T03:04:05.678901Z';
const ATTEMPT_URL = '/namespace/default/work_spec/crawl/work_unit/u1/attempt/worker-1/h3k8xkcao0.1';

const UNIT_ATTEMPT = new Representation<AttemptOfUnit>(
  'WorkUnitAttempt',
  {
    url: always(link(ATTEMPT_URL), 'Link of the attempt.', ({ url, attempt }) => plainJson(attemptUrl(url, attempt))),
    worker: always(nameSchema('worker-1'), 'Name of the worker.', ({ attempt }) =>
      JSON.stringify(readable(attempt.worker)),
    ),
    worker_url: always(link('/namespace/default/worker/worker-1'), 'Link of the worker.', ({ home, attempt }) =>
      plainJson(workerUrl(home, attempt.worker)),
    ),
    start_time: always(moment(START), 'When it began.', ({ attempt }) => plainJson(formatTime(attempt.start))),
    end_time: always(moment('0001-01-01T00:00:00Z'), 'When it ended; the zero time before.', ({ attempt }) =>
      plainJson(formatTime(attempt.end)),
    ),
    expiration_time: always(moment('2026-01-02T03:19:05.678901Z'), 'When its lease ends.', ({ attempt }) =>
      plainJson(formatTime(attempt.expiration)),
    ),
    traceback: sometimes(
      { type: 'string', example: 'no such page' },
      'Why it failed, where it did and says so.',
      (of) => {
        const text = tracebackOf(of.unit, of.attempt);
        return text === undefined ? undefined : JSON.stringify(text);
      },
    ),
  },
  { description: 'The attempt that the status of a work unit is read from.' },
);

const LISTED_UNIT = new Representation<ListedUnit>(
  'WorkUnitListed',
  {
    ...WORK_UNIT_SHORT.members,
    status: sometimes(
      { type: 'string', enum: WORK_UNIT_STATUSES, example: 'pending' },
      'Its status, with include=attempt.',
      ({ unit, include }) => (unit && include.has('attempt') ? plainJson(unit.status) : undefined),
    ),
    attempt: sometimes(
      UNIT_ATTEMPT.ref,
      'With include=attempt, of a unit that is pending, finished or failed: who does it or did it.',
      (listed) => {
        const attempt = listed.include.has('attempt') ? listed.unit?.activeAttempt : undefined;
        return attempt && UNIT_ATTEMPT.json({ ...listed, unit: listed.unit!, attempt });
      },
    ),
    failure: sometimes(
      { type: 'string', example: '5d41402abc4b' },
      'With include=attempt, of a unit that failed: the id of the cause.',
      ({ unit, include }) =>
        include.has('attempt') && unit?.failure !== undefined ? plainJson(unit.failure) : undefined,
    ),
    meta: sometimes(WORK_UNIT_META.ref, 'When it runs, with include=meta.', ({ unit, include }) =>
      unit && include.has('meta') ? WORK_UNIT_META.json(unit) : undefined,
    ),
    data: sometimesDictionary('Its data, with include=data.', ({ unit, include }) =>
      unit && include.has('data') ? unit.data : undefined,
    ),
  },
  { description: 'A work unit in a list.' },
);

export interface UnitListPage {
  units: readonly ListedUnit[];
  nextUrl?: string;
  /** Where names were looked for by a part of them. */
  search?: NameSearch;
}

export const WORK_UNIT_LIST = new Representation<UnitListPage>(
  'WorkUnitList',
  {
    work_units: listOf('The units, bytewise by name.', LISTED_UNIT, ({ units }) => units),
    next_url: nextLink('/namespace/default/work_spec/crawl/work_unit?previous=u1&limit=1'),
    looked_at: sometimes(
      wholeNumber(50000),
      'With contains: how many names were looked at.',
      ({ search }) => search && String(search.looked),
    ),
    looked_to: sometimes(
      nameSchema('u50000'),
      'With contains: the last of them, if there are more; in the encoding of paths.',
      ({ search }) => (search?.lookedTo === undefined ? undefined : plainJson(encodeByteName(search.lookedTo))),
    ),
  },
  { description: 'Some work units of a work spec.' },
);

export const WORK_UNIT_LIST_EXAMPLE = { work_units: [SHORT_EXAMPLE] };

/** Why a unit failed; where it was tried too often, what the last attempt said as well. */
function tracebackOf({ status, data }: WorkUnit, attempt: AttemptRecord): string | undefined {
  if (status !== 'failed') return undefined;
  const traceback = textAt(data, 'traceback');
  const last = isRefused(attempt, () => data) ? textAt(data, 'last') : undefined;
  return last === undefined ? traceback : `${traceback}; the last one: ${last}`;
}

function textAt(data: Uint8Array, key: string): string | undefined {
  const value = mapEntry(data, key);
  return value && textOf(decodeValue(value));
}
