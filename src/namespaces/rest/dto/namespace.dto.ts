import type { SummaryRecord } from '../../../domain/work-unit.js';
import { WORK_UNIT_STATUSES } from '../../../domain/work-unit.js';
import type { Home } from '../../../rest/links.js';
import { ObjectField } from '../../../rest/schema/body.js';
import { nameMembers } from '../../../rest/schema/new-name.js';
import {
  always,
  type Items,
  link,
  listOf,
  nameSchema,
  nextLink,
  plainJson,
  Representation,
  template,
  wholeNumber,
} from '../../../rest/schema/representation.js';

const URL = '/namespace/default';

const short = {
  url: always(link(URL), 'Link of the namespace.', ({ url }: Home) => plainJson(url)),
  name: always(nameSchema('default'), 'Its name.', ({ name }: Home) => JSON.stringify(name)),
};

const NAMESPACE_SHORT = new Representation<Home>('NamespaceShort', short, {
  description: 'A namespace in a list.',
});

const below = ({ url }: Home, rest: string): string => plainJson(url + rest);

export const NAMESPACE = new Representation<Home>(
  'Namespace',
  {
    ...short,
    summary_url: always(link(`${URL}/summary`), 'Counts of its work units.', (home) => below(home, '/summary')),
    work_specs_url: always(link(`${URL}/work_spec`), 'Its work specs.', (home) => below(home, '/work_spec')),
    work_spec_url: always(template(`${URL}/work_spec/{spec}`), 'Template of a work spec.', (home) =>
      below(home, '/work_spec/{spec}'),
    ),
    workers_url: always(link(`${URL}/worker`), 'Its workers.', (home) => below(home, '/worker')),
    worker_url: always(template(`${URL}/worker/{worker}`), 'Template of a worker.', (home) =>
      below(home, '/worker/{worker}'),
    ),
  },
  { description: 'A namespace: the links of what it holds.' },
);

export interface NamespacePage {
  namespaces: Items<Home>;
  nextUrl?: string;
}

export const NAMESPACE_LIST = new Representation<NamespacePage>(
  'NamespaceList',
  {
    namespaces: listOf('The namespaces, by name.', NAMESPACE_SHORT, ({ namespaces }) => namespaces),
    next_url: nextLink('/namespace?previous=default&limit=1'),
  },
  { description: 'Some namespaces.' },
);

export const NEW_NAMESPACE = new ObjectField('NewNamespace', nameMembers('default'), {
  description: 'A namespace to make. One of the two names is needed; the empty name is a name.',
});

export const SUMMARY_RECORD = new Representation<SummaryRecord>(
  'SummaryRecord',
  {
    Namespace: always(nameSchema('default'), 'Namespace.', ({ namespace }) => JSON.stringify(namespace)),
    WorkSpec: always(nameSchema('crawl'), 'Work spec.', ({ workSpec }) => JSON.stringify(workSpec)),
    Status: always({ type: 'string', enum: WORK_UNIT_STATUSES, example: 'available' }, 'Status.', ({ status }) =>
      plainJson(status),
    ),
    Count: always(wholeNumber(3), 'Number of units; never 0.', ({ count }) => String(count)),
  },
  { description: 'How many units of a work spec are in a status.' },
);

export const SUMMARY_EXAMPLE = [{ Namespace: 'default', WorkSpec: 'crawl', Status: 'available', Count: 3 }];
