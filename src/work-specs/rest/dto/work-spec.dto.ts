import { encode } from '../../../cbor/index.js';
import type { Warning } from '../../../domain/warning.js';
import type { WorkSpec } from '../../../domain/work-spec.js';
import type { WorkUnitCounts } from '../../../domain/work-unit.js';
import { WORK_UNIT_STATUSES } from '../../../domain/work-unit.js';
import type { DataForm } from '../../../rest/json/data.js';
import { type Home, UNIT_QUERY, workSpecUrl } from '../../../rest/links.js';
import { ObjectField, optional } from '../../../rest/schema/body.js';
import { data } from '../../../rest/schema/fields.js';
import {
  always,
  dictionary,
  link,
  listOf,
  nameSchema,
  nextLink,
  plainJson,
  Representation,
  sometimes,
  template,
  wholeNumber,
} from '../../../rest/schema/representation.js';
import { warnings } from '../../../rest/schema/warnings.js';

/** A work spec by name, with its link. */
export interface WorkSpecLink {
  url: string;
  spec: Pick<WorkSpec, 'name'>;
}

/** The same with its data. */
export interface WorkSpecView extends WorkSpecLink {
  spec: Pick<WorkSpec, 'name' | 'data'>;
  form?: DataForm;
}

export function viewWorkSpec<S extends Pick<WorkSpec, 'name'>>(home: Home, spec: S): { url: string; spec: S } {
  return { url: workSpecUrl(home, spec.name), spec };
}

const URL = '/namespace/default/work_spec/crawl';

const short = {
  url: always(link(URL), 'Link of the work spec.', ({ url }: WorkSpecLink) => plainJson(url)),
  name: always(nameSchema('crawl'), 'Its name.', ({ spec }: WorkSpecLink) => JSON.stringify(spec.name)),
};

export const WORK_SPEC_SHORT = new Representation<WorkSpecLink>('WorkSpecShort', short, {
  description: 'A work spec in a list.',
});

/** A work spec that was set, and what about its definition is worth a second look. */
export interface SetWorkSpecView extends WorkSpecView {
  warnings: readonly Warning[];
}

export const SET_WORK_SPEC = new Representation<SetWorkSpecView>(
  'WorkSpecSet',
  { ...short, warnings: warnings((view: SetWorkSpecView) => view.warnings) },
  { description: 'A work spec that was made or given a new definition.' },
);

const below = (suffix: string, description: string, schema = link) =>
  always(schema(URL + suffix), description, ({ url }: WorkSpecView) => plainJson(url + suffix));

export const WORK_SPEC = new Representation<WorkSpecView>(
  'WorkSpec',
  {
    ...short,
    data: dictionary('The definition as its user gave it.', ({ spec }) => spec.data),
    summary_url: below('/summary', 'Counts of its work units.'),
    work_units_url: below('/work_unit', 'Its work units.'),
    work_unit_query_url: below(`/work_unit${UNIT_QUERY}`, 'Template of some of its work units.', template),
    work_unit_url: below('/work_unit/{unit}', 'Template of a work unit.', template),
    work_unit_counts_url: below('/counts', 'Number of work units per status.'),
    work_unit_change_url: below(`/change${UNIT_QUERY}`, 'Template: set the priority of units.', template),
    work_unit_adjust_url: below(`/adjust${UNIT_QUERY}`, 'Template: add to the priority of units.', template),
    meta: below('/meta{?counts}', 'Template of the control values.', template),
  },
  { description: 'A work spec.' },
);

/** Whoever tries it out hears of no warning: it leads to no other work spec. */
const DEFINITION = { name: 'crawl', weight: 20, max_retries: 5 };
export const DEFINITION_EXAMPLE = { data: DEFINITION };

export const WORK_SPEC_EXAMPLE = JSON.parse(
  WORK_SPEC.json({ url: URL, spec: { name: DEFINITION.name, data: encode(DEFINITION) } }),
) as Record<string, unknown>;

export interface WorkSpecPage {
  specs: readonly WorkSpecLink[];
  nextUrl?: string;
}

export const WORK_SPEC_LIST = new Representation<WorkSpecPage>(
  'WorkSpecList',
  {
    work_specs: listOf('The work specs, by name.', WORK_SPEC_SHORT, ({ specs }) => specs),
    next_url: nextLink('/namespace/default/work_spec?previous=crawl&limit=1'),
  },
  { description: 'Some work specs of a namespace.' },
);

export const NEW_WORK_SPEC = new ObjectField(
  'WorkSpecDefinition',
  { data: optional(data, 'The definition. Its key `name` names the work spec.') },
  { description: 'What a work spec is to be.' },
);

export const WORK_UNIT_COUNTS = new Representation<WorkUnitCounts>(
  'WorkUnitCounts',
  Object.fromEntries(
    WORK_UNIT_STATUSES.map((status) => [
      status,
      sometimes(wholeNumber(3), `Units that are ${status}.`, (counts: WorkUnitCounts) =>
        counts[status] === 0 ? undefined : String(counts[status]),
      ),
    ]),
  ),
  { description: 'Number of work units per status; zeroes are left out.' },
);
