import type { ByteName } from '../../../domain/names.js';
import type { Worker, WorkerChange, WorkerSummary } from '../../../domain/worker.js';
import type { WorkerTold } from '../../../domain/worker-told.js';
import { toldBy } from '../../../domain/worker-told.js';
import { EMPTY_DATA } from '../../../domain/data.js';
import type { DataForm } from '../../../rest/json/data.js';
import { type Home, homeIn, workerUrl } from '../../../rest/links.js';
import { readable } from '../../../rest/names.js';
import type { BodyOf } from '../../../rest/schema/body.js';
import { nullable, ObjectField, optional } from '../../../rest/schema/body.js';
import { boolean, data, encodedName, name, text, time } from '../../../rest/schema/fields.js';
import {
  always,
  dictionary,
  link,
  listJson,
  listOf,
  moment,
  nameSchema,
  nextLink,
  plainJson,
  Representation,
  sometimes,
  wholeNumber,
} from '../../../rest/schema/representation.js';
import { formatTime } from '../../../rest/time.js';

/** A worker and the namespace that its links begin with. */
export interface WorkerView<W = Worker> {
  home: Home;
  worker: W;
  form?: DataForm;
}

const URL = '/namespace/default/worker/worker-1';
const START = '2026-01-02T03:04:05.678901Z';

const short = {
  url: always(link(URL), 'Link of the worker.', ({ home, worker }: WorkerView<WorkerSummary>) =>
    plainJson(workerUrl(home, worker.name)),
  ),
  name: always(
    nameSchema('worker-1'),
    'Its name; bytes that are not UTF-8 show as U+FFFD, the link has them.',
    ({ worker }: WorkerView<WorkerSummary>) => JSON.stringify(readable(worker.name)),
  ),
};
const active = always(
  { type: 'boolean', example: true },
  'Not deactivated and not past its expiration.',
  ({ worker }: WorkerView<WorkerSummary>) => String(worker.active),
);

function parentOf({ worker }: WorkerView<WorkerSummary>): string | undefined {
  return worker.parent === undefined ? undefined : JSON.stringify(readable(worker.parent));
}

function parentUrlOf({ home, worker }: WorkerView<WorkerSummary>): string | undefined {
  return worker.parent === undefined ? undefined : plainJson(workerUrl(home, worker.parent));
}

/** What a worker tells of itself that has a place of its own. */
function told<W>(toldOf: (view: WorkerView<W>) => WorkerTold | undefined) {
  return {
    host: sometimes(
      nameSchema('node-7'),
      'On what host it says it is: `hostname`, `host`, `fqdn` or `node` of its data, where those are no more than 16 KiB.',
      (view: WorkerView<W>) => {
        const host = toldOf(view)?.host;
        return host === undefined ? undefined : JSON.stringify(host);
      },
    ),
    memory_bytes: sometimes(
      wholeNumber(73_400_320),
      'How much memory it says it uses: `memory` or `rss` of its data, a number or what psutil says.',
      (view: WorkerView<W>) => {
        const memory = toldOf(view)?.memory;
        return memory === undefined ? undefined : String(memory);
      },
    ),
  };
}

export const WORKER_SHORT = new Representation<WorkerView<WorkerSummary>>(
  'WorkerShort',
  {
    ...short,
    active,
    parent: sometimes(nameSchema('parent-1'), 'Name of its parent, if it has one.', parentOf),
    parent_url: sometimes(link('/namespace/default/worker/parent-1'), 'Link of its parent.', parentUrlOf),
    mode: sometimes(nameSchema('run'), 'What mode it last said it is in; absent: none.', ({ worker }) =>
      worker.mode === '' ? undefined : JSON.stringify(worker.mode),
    ),
    ...told(({ worker }: WorkerView<WorkerSummary>) => worker.told),
    last_update: always(moment(START), 'When it last gave a sign of life.', ({ worker }) =>
      plainJson(formatTime(worker.lastUpdate)),
    ),
    finished_last_hour: sometimes(
      wholeNumber(120),
      'How many units it has finished in the last hour, counted by spans of five minutes.',
      ({ worker }) => (worker.done === undefined ? undefined : String(worker.done)),
    ),
    work_units: sometimes(wholeNumber(3), 'How many units it holds.', ({ worker }) =>
      worker.units === undefined ? undefined : String(worker.units),
    ),
    last_claim: sometimes(
      moment(START),
      'When it was last given work; absent: not as long as it has been known.',
      ({ worker }) => (worker.lastClaim === undefined ? undefined : plainJson(formatTime(worker.lastClaim))),
    ),
  },
  { description: 'A worker in a list.' },
);

const below = (suffix: string, description: string) =>
  always(link(URL + suffix), description, ({ home, worker }: WorkerView) =>
    plainJson(workerUrl(home, worker.name) + suffix),
  );

export const WORKER = new Representation<WorkerView>(
  'Worker',
  {
    ...short,
    parent: sometimes(nameSchema('parent-1'), 'Name of its parent, if it has one.', parentOf),
    parent_url: sometimes(link('/namespace/default/worker/parent-1'), 'Link of its parent.', parentUrlOf),
    child_urls: sometimes(
      { type: 'array', items: link('/namespace/default/worker/child-1') },
      'Links of its children, if it has any.',
      ({ home, worker }) =>
        worker.children.length === 0
          ? undefined
          : listJson(worker.children, (child: ByteName) => plainJson(workerUrl(home, child))),
    ),
    active,
    mode: always(nameSchema('run'), 'What mode it last said it is in.', ({ worker }) => JSON.stringify(worker.mode)),
    data: dictionary('What it last said of itself.', ({ worker }) => worker.data),
    ...told(({ worker }: WorkerView) => toldBy(worker.data)),
    expiration: always(moment('2026-01-02T03:19:05.678901Z'), 'When it counts as gone.', ({ worker }) =>
      plainJson(formatTime(worker.expiration)),
    ),
    last_update: always(moment(START), 'When it last gave a sign of life.', ({ worker }) =>
      plainJson(formatTime(worker.lastUpdate)),
    ),
    request_attempts_url: below('/request_attempts', 'POST here to ask for work.'),
    make_attempt_url: below('/make_attempt', 'POST here to begin an attempt at a certain unit.'),
    active_attempts_url: below('/active_attempts', 'Its pending attempts.'),
    all_attempts_url: below('/all_attempts', 'All its attempts.'),
    child_attempts_url: below('/child_attempts', "Its children's pending attempts."),
  },
  { description: 'A worker.' },
);

export const WORKER_EXAMPLE = JSON.parse(
  WORKER.json({
    home: homeIn('', 'default'),
    worker: {
      name: 'worker-1',
      parent: 'parent-1',
      children: [],
      active: true,
      mode: 'run',
      data: EMPTY_DATA,
      lastUpdate: 1_767_323_045_678_901,
      expiration: 1_767_323_945_678_901,
    },
  }),
) as Record<string, unknown>;

export interface WorkerPage {
  workers: readonly WorkerView<WorkerSummary>[];
  nextUrl?: string;
}

export const WORKER_LIST = new Representation<WorkerPage>(
  'WorkerList',
  {
    workers: listOf('The workers, bytewise by name or as sort says.', WORKER_SHORT, ({ workers }) => workers),
    next_url: nextLink('/namespace/default/worker?previous=worker-1&limit=1'),
  },
  { description: 'Some workers of a namespace.' },
);

export const WORKER_UPDATE = new ObjectField(
  'WorkerUpdate',
  {
    parent: optional(name('parent-1'), 'Name of the parent, made if it is not there; "" for none; absent: it stays.'),
    parent_encoded: optional(
      encodedName('parent-1'),
      'In place of parent: the name in the encoding of paths, for any bytes.',
    ),
    active: optional(
      boolean(true),
      'true: a sign of life, the fields below count. false: it deactivates, unless there is a parent. Absent: neither.',
    ),
    mode: optional(text('run'), 'What mode it is in.'),
    data: nullable(data, 'What it says of itself; null empties it.'),
    last_update: optional(time(START), 'When it gave this sign of life.'),
    expiration: optional(time('2026-01-02T03:19:05.678901Z'), 'When it counts as gone.'),
  },
  { description: 'What to change of a worker; what is absent stays.' },
);

type MembersOf<F> = F extends ObjectField<infer M> ? M : never;

/** What a body asks to change of a worker. */
export function workerChangeOf(body: BodyOf<MembersOf<typeof WORKER_UPDATE>>): WorkerChange {
  const change: WorkerChange = {};
  const parent = body.parent_encoded ?? body.parent;
  if (parent !== undefined) change.parent = parent === '' ? null : parent;
  if (body.active === true) {
    change.update = {
      mode: body.mode,
      data: body.data === null ? EMPTY_DATA : body.data,
      lastUpdate: body.last_update,
      expiration: body.expiration,
      keepTimes: true,
    };
  }
  // The historic client sets a parent with active: false and means nothing by it.
  if (body.active === false && parent === undefined) change.deactivate = true;
  return change;
}
