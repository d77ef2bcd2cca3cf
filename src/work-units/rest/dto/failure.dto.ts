import type { FailureGroup } from '../../../domain/work-unit.js';
import {
  always,
  link,
  listOf,
  moment,
  plainJson,
  Representation,
  wholeNumber,
} from '../../../rest/schema/representation.js';
import { workUnitUrl } from '../../../rest/links.js';
import { formatTime } from '../../../rest/time.js';

/** A cause with the link of its spec. */
export interface FailureView {
  readonly group: FailureGroup;
  readonly specUrl: string;
}

const SPEC_URL = '/namespace/default/work_spec/crawl';
const ID = '5d41402abc4b';

const FAILURE = new Representation<FailureView>(
  'Failure',
  {
    id: always({ type: 'string', example: ID }, 'What a query has as failure.', ({ group }) => plainJson(group.id)),
    cause: always(
      { type: 'string', example: 'ConnectionError: no answer from <text> in <number> s' },
      'Why they failed: as their worker calls it, or the telling line of what it said, with placeholders for what differs.',
      ({ group }) => JSON.stringify(group.cause),
    ),
    count: always(wholeNumber(3), 'How many units are failed by it now.', ({ group }) => String(group.count)),
    first: always(moment('2026-01-02T03:04:05.678901Z'), 'When the first of them failed.', ({ group }) =>
      plainJson(formatTime(group.first)),
    ),
    last: always(moment('2026-01-02T03:09:05.678901Z'), 'When the last of them did.', ({ group }) =>
      plainJson(formatTime(group.last)),
    ),
    example: always(
      { type: 'array', items: link(`${SPEC_URL}/work_unit/u1`) },
      'Links of some of them.',
      ({ group, specUrl }) => JSON.stringify(group.examples.map((name) => workUnitUrl(specUrl, name))),
    ),
    work_units_url: always(link(`${SPEC_URL}/work_unit?failure=${ID}`), 'All of them.', ({ group, specUrl }) =>
      plainJson(`${specUrl}/work_unit?failure=${group.id}`),
    ),
    retry_url: always(link(`${SPEC_URL}/retry?failure=${ID}`), 'POST here to have all of them tried again.', (view) =>
      plainJson(`${view.specUrl}/retry?failure=${view.group.id}`),
    ),
  },
  { description: 'What units of a work spec are failed by.' },
);

export const FAILURE_LIST = new Representation<readonly FailureView[]>(
  'FailureList',
  { failures: listOf('The causes, those of most units first.', FAILURE, (views) => views) },
  { description: 'Why the units of a work spec failed that are failed now.' },
);

export const FAILURE_LIST_EXAMPLE = JSON.parse(
  FAILURE_LIST.json([
    {
      specUrl: SPEC_URL,
      group: {
        id: ID,
        cause: 'ConnectionError: no answer from <text> in <number> s',
        count: 3,
        first: 1_767_323_045_678_901,
        last: 1_767_323_345_678_901,
        examples: ['u1', 'u7'],
      },
    },
  ]),
) as Record<string, unknown>;
