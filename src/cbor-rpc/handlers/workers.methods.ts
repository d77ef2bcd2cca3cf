import { declare } from '../rpc-method.decorator.js';
import { byteName, described, dictionary, number, optional, params, text } from '../params/index.js';

const WORKER_ID = described(byteName, 'which worker');

export const WORKER_HEARTBEAT = declare({
  name: 'worker_heartbeat',
  needs: 'work',
  actsFor: ({ worker_id, parent }) => (parent ? [worker_id, parent] : [worker_id]),
  params: params({
    worker_id: described(byteName, 'who is alive'),
    mode: described(optional(text, ''), 'what it is doing, such as `RUN`'),
    expire_seconds: described(
      optional(number),
      'how long it counts as active; absent or below 0: 300, over a day: 3600',
    ),
    data: described(optional(dictionary), 'what others can read of it; absent: nothing'),
    parent: described(optional(byteName), 'the worker that it belongs to'),
  }),
  about: {
    does: 'Says that a worker is alive, so that it is listed. Leases are another matter: this renews none.',
    answers: '`[true, null]`, or `[true, message]` where another time is taken than the one that was asked for',
    example: { params: '"worker 2", "RUN", 900, {"pid": 4712}, "parent"', result: '[true, null]' },
  },
});

export const WORKER_UNREGISTER = declare({
  name: 'worker_unregister',
  needs: 'work',
  actsFor: ({ worker_id }) => [worker_id],
  params: params({ worker_id: WORKER_ID }),
  about: {
    does: 'Makes a worker inactive.',
    answers: '`[true, null]`, or `[false, message]` if there is none',
    example: { params: '"worker 1"', result: '[true, null]' },
  },
});

export const LIST_WORKER_MODES = declare({
  name: 'list_worker_modes',
  needs: 'read',
  params: params({}),
  about: {
    does: 'Lists the active workers.',
    answers: '`[{worker: mode, …}, null]`',
    example: { params: '', result: `[{'parent': 'RUN', 'worker 1': 'RUN'}, null]` },
  },
});

export const MODE_COUNTS = declare({
  name: 'mode_counts',
  needs: 'read',
  params: params({}),
  about: {
    does: 'Counts the active workers by mode.',
    answers: '`[{mode: count, …}, null]`',
    example: { params: '', result: `[{'RUN': 2}, null]` },
  },
});

export const GET_WORKER_INFO = declare({
  name: 'get_worker_info',
  needs: 'read',
  params: params({ worker_id: WORKER_ID }),
  about: {
    does: 'Reads what a worker said of itself in its latest heartbeat.',
    answers: '`[its data and age_seconds, the time since then, null]`; `[null, null]` if it is not active',
    example: { params: '"worker 1"', result: `[{"pid": 4711, 'age_seconds': 12.345678}, null]` },
  },
});

export const WORKER_STATS = declare({
  name: 'worker_stats',
  needs: 'read',
  params: params({}),
  about: {
    does: 'Counts the active workers.',
    answers: '`num_workers`, `num_children` of them with a parent, and `num_expirable`, which is the first again',
    example: { params: '', result: `{'num_workers': 2, 'num_children': 1, 'num_expirable': 2}` },
  },
});

export const GET_CHILD_WORK_UNITS = declare({
  name: 'get_child_work_units',
  needs: 'read',
  params: params({ worker_id: described(byteName, 'the parent') }),
  about: {
    does:
      'Says what the children of a worker are at, so that it can stop those that have lost what they do: the units of the ' +
      'latest get_work of each active child that it has not finished or failed since.',
    answers:
      '`[{child: [map, …], …}, null]`, where `worker_id` and `expires` are the present holder of the unit and the end of ' +
      'its lease, null if nobody has it',
    example: {
      params: '"parent"',
      result: `[{'worker 1': [{'work_spec_name': "resize", 'work_unit_key': 'cat.jpg', 'work_unit_data': {"width": 640}, 'worker_id': 'worker 1', 'expires': 1767323645.678901}]}, null]`,
    },
  },
});
