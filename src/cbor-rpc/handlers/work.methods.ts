import { declare } from '../rpc-method.decorator.js';
import {
  byteName,
  described,
  dictionary,
  integer,
  limitedList,
  number,
  optional,
  options,
  params,
  text,
} from '../params/index.js';

/** What a client that names no runtimes can run: it is a Python 2 one. */
const DEFAULT_RUNTIMES = ['', 'python_2'];

/** Names of specs or runtimes that one request can be limited to. */
const MAX_NAMES = 1_000;

export const GET_WORK = declare({
  name: 'get_work',
  needs: 'work',
  actsFor: ({ worker_id }) => [worker_id],
  params: params({
    worker_id: described(byteName, 'who asks'),
    options: options({
      lease_time: described(
        optional(number),
        'how long nobody else gets them, in seconds, from 1 to a day; 300 if it is anything else',
      ),
      max_jobs: described(optional(integer, 1), 'how many units at most, from 1 to 100,000'),
      work_spec_names: described(optional(limitedList(text, MAX_NAMES)), 'of these specs only, 1,000 at most'),
      available_gb: described(optional(number), 'passed over'),
      runtimes: described(
        optional(limitedList(text, MAX_NAMES), DEFAULT_RUNTIMES),
        'of specs with one of these values of `runtime` only',
      ),
      wait: described(
        optional(number, 0),
        'how long to wait where there is nothing to do, in seconds, from 0.001 to 60; 0: not at all',
      ),
    }),
  }),
  about: {
    does:
      'Claims units of one spec, for as long as the lease goes. Of those that may be given out, the spec is drawn ' +
      '[by priority and weight](introduction.md#what-a-work-spec-can-say); its units go by priority, then by key. Their ' +
      'data are 16 MiB together at most, if they are more than one. With `wait` it answers as soon as there is something to do, ' +
      'and as if there were nothing when that time is over, the daemon stops, or the client ends its side of the connection. What ' +
      'comes behind it on the same connection waits with it.',
    answers:
      'with `max_jobs` above 1 `[[tuple(spec, key, data), …], null]`, an empty list if there is nothing to do; else ' +
      '`[tuple(spec, key, data), null]`, with three nulls if there is nothing to do',
    example: {
      params: '"worker 2", {"lease_time": 60, "max_jobs": 10}',
      result: `[[128(["resize", 'dog.jpg', {"width": 320}]), 128(["resize", 'owl.jpg', {}])], null]`,
    },
  },
});

export const UPDATE_WORK_UNIT = declare({
  name: 'update_work_unit',
  needs: 'work',
  // So that a database does many of them at once; it keeps those of one unit in order.
  overlaps: true,
  actsFor: ({ options }) => [options.worker_id],
  params: params({
    work_spec_name: described(text, 'which work spec'),
    work_unit_key: described(byteName, 'which unit'),
    options: options({
      lease_time: described(
        optional(number),
        'seconds from now, where it is renewed: 300 if absent or more than a day; 0 or less gives the unit back',
      ),
      status: described(
        optional(integer),
        '4: finished; 5: failed; 1: available again; 3 or absent: the lease is renewed',
      ),
      data: described(
        optional(dictionary),
        'what the data of the unit become; with 4, their `output` makes units of the spec that `then` names',
      ),
      delay: described(
        optional(number),
        'with 1, of a unit that somebody holds: how many seconds until it may be handed out again, as by a retry over REST',
      ),
      worker_id: described(
        optional(byteName),
        'who reports: refused if another holds the unit by now ([the fence](how-it-works.md#the-fence))',
      ),
    }),
  }),
  about: {
    does: 'Reports on a unit, or renews its lease. To say the same again does no harm.',
    answers:
      '`[true, null]`; `[false, message]` if there is no such spec or unit, or another holds the unit; `[false, ' +
      'null]` if there is nothing to change. To renew what is finished or failed is an error',
    example: {
      params: '"resize", "cat.jpg", {"status": 4, "data": {"width": 640, "bytes": 48213}, "worker_id": "worker 1"}',
      result: '[true, null]',
    },
  },
});

export const ARCHIVE = declare({
  name: 'archive',
  needs: 'admin',
  params: params({
    options: options({
      work_spec_names: described(optional(limitedList(text, MAX_NAMES)), 'of these specs only, 1,000 at most'),
    }),
  }),
  about: {
    does: 'Removes now what `-retain-finished` and `-retain-failed` no longer keep, as the daemon does by itself all the time.',
    answers: 'null',
    example: { params: '', result: 'null' },
  },
});
