import type { ByteName } from '../../../domain/names.js';
import { DEFAULT_UNIT_META } from '../../../domain/work-unit.js';
import type { Warning } from '../../../domain/warning.js';
import type { NewWorkUnit, WorkUnit, WorkUnitMeta } from '../../../domain/work-unit.js';
import { EMPTY_DATA } from '../../../domain/data.js';
import { WORK_UNIT_STATUSES } from '../../../domain/work-unit.js';
import type { DataForm } from '../../../rest/json/data.js';
import { attemptUrl, workUnitUrl } from '../../../rest/links.js';
import { readable } from '../../../rest/names.js';
import type { BodyOf } from '../../../rest/schema/body.js';
import { ObjectField, optional, required } from '../../../rest/schema/body.js';
import { data, list, number, orEmptyString, text, time } from '../../../rest/schema/fields.js';
import { givenName, nameMembers } from '../../../rest/schema/new-name.js';
import {
  always,
  dictionary,
  type Items,
  link,
  listOf,
  moment,
  nameSchema,
  numberJson,
  plainJson,
  Representation,
  sometimes,
  viewed,
  wholeNumber,
} from '../../../rest/schema/representation.js';
import { ofNearMisses, ofUnknownKeys, warnings } from '../../../rest/schema/warnings.js';
import { formatTime } from '../../../rest/time.js';

const SPEC_URL = '/namespace/default/work_spec/crawl';
const URL = `${SPEC_URL}/work_unit/u1`;

export interface UnitName {
  url: string;
  name: ByteName;
}

/** The names of units of a spec with their links. */
export function linkUnits(specUrl: string, units: readonly { readonly name: ByteName }[]): Items<UnitName> {
  return viewed(units, ({ name }) => ({ url: workUnitUrl(specUrl, name), name }));
}

const short = {
  url: always(link(URL), 'Link of the work unit.', ({ url }: UnitName) => plainJson(url)),
  name: always(
    nameSchema('u1'),
    'Its name; bytes that are not UTF-8 show as U+FFFD, the link has them.',
    ({ name }: UnitName) => JSON.stringify(readable(name)),
  ),
};

export const WORK_UNIT_SHORT = new Representation<UnitName>('WorkUnitShort', short, {
  description: 'A work unit in a list.',
});

export const SHORT_EXAMPLE = { url: URL, name: 'u1' };

export const WORK_UNIT_META = new Representation<WorkUnitMeta>(
  'WorkUnitMeta',
  {
    priority: always({ type: 'number', format: 'double', example: 0 }, 'Higher runs first.', ({ priority }) =>
      numberJson(priority),
    ),
    not_before: always(moment('0001-01-01T00:00:00Z'), 'Not handed out before.', ({ notBefore }) =>
      plainJson(formatTime(notBefore)),
    ),
  },
  { description: 'When a work unit runs.' },
);

/** A work unit with its links. */
export interface WorkUnitView extends UnitName {
  specUrl: string;
  unit: WorkUnit;
  form?: DataForm;
}

export const WORK_UNIT = new Representation<WorkUnitView>(
  'WorkUnit',
  {
    ...short,
    data: dictionary("Its active attempt's data where that has some, else its own.", ({ unit }) => unit.data),
    meta: always(WORK_UNIT_META.ref, 'When it runs.', ({ unit }) => WORK_UNIT_META.json(unit)),
    status: always({ type: 'string', enum: WORK_UNIT_STATUSES, example: 'pending' }, 'Its status now.', ({ unit }) =>
      plainJson(unit.status),
    ),
    work_spec_url: always(link(SPEC_URL), 'Its work spec.', ({ specUrl }) => plainJson(specUrl)),
    active_attempt_url: sometimes(
      link(`${URL}/attempt/worker-1/h3k8xkcao0.1`),
      'The attempt that its status is read from.',
      ({ unit, url }) => unit.activeAttempt && plainJson(attemptUrl(url, unit.activeAttempt)),
    ),
    attempts_url: always(link(`${URL}/attempts`), 'All its attempts.', ({ url }) => plainJson(`${url}/attempts`)),
    failure: sometimes(
      { type: 'string', example: '5d41402abc4b' },
      'Of one that failed: the id of the cause, as listFailures has it.',
      ({ unit }) => (unit.failure === undefined ? undefined : plainJson(unit.failure)),
    ),
  },
  { description: 'A work unit.' },
);

export const WORK_UNIT_EXAMPLE = {
  ...SHORT_EXAMPLE,
  data: { page: 1 },
  meta: { priority: 0, not_before: '0001-01-01T00:00:00Z' },
  status: 'available',
  work_spec_url: SPEC_URL,
  attempts_url: `${URL}/attempts`,
};

/** What was added, and what of the body was probably not as it was meant. */
export interface AddedUnit extends UnitName {
  warnings: readonly Warning[];
}
export interface AddedUnits {
  units: Items<UnitName>;
  warnings: readonly Warning[];
}

export const ADDED_WORK_UNIT = new Representation<AddedUnit>(
  'AddedWorkUnit',
  { ...short, warnings: warnings((added: AddedUnit) => added.warnings) },
  { description: 'The unit that was added.' },
);

export const ADDED_WORK_UNITS = new Representation<AddedUnits>(
  'AddedWorkUnits',
  {
    work_units: listOf('The units, in the order given.', WORK_UNIT_SHORT, ({ units }) => units),
    warnings: warnings((added: AddedUnits) => added.warnings),
  },
  { description: 'The units that were added.' },
);

const ofMeta = ofUnknownKeys('meta', ['priority', 'not_before']);

/** `meta` in bodies; old clients send "" for none. */
const META = new ObjectField(
  'WorkUnitMetaChange',
  {
    priority: optional(number(0), 'Higher runs first.'),
    not_before: optional(time('0001-01-01T00:00:00Z'), 'Not handed out before.'),
  },
  { description: 'When a work unit runs; an absent field is as it would be without meta.' },
  (key) => (key === 'delay' ? 'is no field of meta and is ignored, not_before says from when on it runs' : ofMeta(key)),
);

const ofDataAndMeta = ofNearMisses(['data', 'meta'], Object.keys(WORK_UNIT.members));

/** Of what stands beside `meta`: whole units as they were read are sent back, and what is kept in them means something there. */
const besideMeta = (key: string): string | undefined => {
  if (key === 'priority' || key === 'not_before' || key === 'delay') return 'is ignored here, it belongs into meta';
  return ofDataAndMeta(key);
};

const meta = optional(orEmptyString(META), 'When it runs.');

export const NEW_WORK_UNIT = new ObjectField(
  'NewWorkUnit',
  { ...nameMembers('u1'), data: optional(data, 'Its data; absent: empty.'), meta },
  { description: 'A work unit to add, or to replace. One of the two names is needed.' },
  besideMeta,
  'several are added by POST …/work_spec/{spec}/add, as {"work_units": […]}',
);

export const NEW_WORK_UNITS = new ObjectField(
  'NewWorkUnits',
  { work_units: required(list(NEW_WORK_UNIT), 'The units; of those with the same name the last counts.') },
  { description: 'Work units to add, all or none.' },
  undefined,
  'the list goes into it as "work_units"',
);

type MembersOf<F> = F extends ObjectField<infer M> ? M : never;

/** The unit that a body describes; nothing stays of one that was there. @throws RestError (400) without a name */
export function newWorkUnitOf(body: BodyOf<MembersOf<typeof NEW_WORK_UNIT>>, nameField?: string): NewWorkUnit {
  return {
    name: givenName(body, nameField),
    data: body.data ?? EMPTY_DATA,
    priority: body.meta?.priority ?? DEFAULT_UNIT_META.priority,
    notBefore: body.meta?.not_before ?? DEFAULT_UNIT_META.notBefore,
  };
}

export const WORK_UNIT_CHANGE = new ObjectField(
  'WorkUnitChange',
  {
    data: optional(data, 'What its own data become: it reads so from then on, and its next attempt gets them.'),
    meta,
    active_attempt_url: optional(text('-'), '"-" takes the active attempt away; anything else changes nothing.'),
  },
  { description: 'What to change of a work unit; what is absent stays.' },
  besideMeta,
);

export const PRIORITY_CHANGE = new ObjectField(
  'WorkUnitPriorityChange',
  { meta },
  { description: 'A priority to set or to add; without one nothing changes.' },
  besideMeta,
);

export const DELETED = new Representation<number>(
  'WorkUnitsDeleted',
  { Deleted: always(wholeNumber(3), 'Number of units deleted.', (count) => String(count)) },
  { description: 'How many units were deleted.' },
);

export const RETRIED = new Representation<number>(
  'WorkUnitsRetried',
  { Retried: always(wholeNumber(3), 'Number of units that get another try.', (count) => String(count)) },
  { description: 'How many units were cleared.' },
);

export const CANCELLED = new Representation<number>(
  'WorkUnitsCancelled',
  { Cancelled: always(wholeNumber(3), 'Number of units whose attempts were stopped.', (count) => String(count)) },
  { description: 'How many attempts were stopped.' },
);
