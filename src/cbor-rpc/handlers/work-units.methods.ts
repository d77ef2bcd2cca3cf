import { declare } from '../rpc-method.decorator.js';
import {
  byteName,
  described,
  dictionary,
  flag,
  integer,
  list,
  longList,
  optional,
  options,
  params,
  text,
} from '../params/index.js';
import { finite, speltName, states, unitItem } from './unit-params.js';

/** Units of a listing where no limit is given. */
const DEFAULT_LIMIT = 1000;

const SPEC_NAME = described(text, 'which work spec');

export const ADD_WORK_UNITS = declare({
  name: 'add_work_units',
  needs: 'submit',
  params: params({
    work_spec_name: SPEC_NAME,
    work_unit_key_vals: described(longList(unitItem), 'the units; of several with one key the last counts'),
  }),
  about: {
    does:
      'Adds units, all of them or, if one is wrong, none. One that is there already gets the new data and priority, and ' +
      'is available again, unless it is pending: then it stays so.',
    answers: '`[true, null]`, or `[false, message]` if there is no such spec',
    example: {
      params: '"resize", ["fox.jpg", ["emu.jpg", {"width": 64}], ["elk.jpg", null, {"priority": 5, "delay": 60}]]',
      result: '[true, null]',
    },
  },
});

export const COUNT_WORK_UNITS = declare({
  name: 'count_work_units',
  needs: 'read',
  params: params({ work_spec_name: SPEC_NAME }),
  about: {
    does: 'Counts units by state.',
    answers: '`[{state: count, …}, null]`, without states that no unit has; `[{}, message]` if there is no such spec',
    example: { params: '"resize"', result: '[{1: 2, 3: 1}, null]' },
  },
});

export const GET_WORK_UNITS = declare({
  name: 'get_work_units',
  needs: 'read',
  params: params({
    work_spec_name: SPEC_NAME,
    options: options({
      work_unit_keys: described(optional(longList(speltName)), 'these units, in this order; the rest is passed over'),
      state: described(optional(states), 'units in one of these states'),
      start: described(optional(byteName), 'units with keys greater than this'),
      limit: described(optional(integer, DEFAULT_LIMIT), 'how many at most, up to 10,000; 0 or less: none'),
    }),
  }),
  about: {
    does: 'Reads units: those that are named, or else those that the other options select, by key.',
    answers:
      '`[[tuple(key, data), …], null]`, where data are null for a unit that is named and not there, and its key comes as ' +
      'it was sent; `[null, message]` if there is no such spec',
    example: {
      params: '"resize", {"state": 1, "limit": 1}',
      result: `[[128(['dog.jpg', {"width": 320}])], null]`,
    },
  },
});

export const GET_WORK_UNIT_STATUS = declare({
  name: 'get_work_unit_status',
  needs: 'read',
  params: params({ work_spec_name: SPEC_NAME, work_unit_keys: described(longList(byteName), 'which units') }),
  about: {
    does: 'Says how units stand.',
    answers:
      '`[[map or null, …], null]`, null for a unit that is not there. A map has `status`, a state; `expiration`, the end ' +
      'of the lease of a pending unit, the moment when a finished or failed one became that, else null; `worker_id`, if ' +
      'anybody had it; `traceback`, if it failed and its data have one. `[null, message]` if there is no such spec',
    example: {
      params: '"resize", ["cat.jpg", "dog.jpg", "gnu.jpg"]',
      result: `[[{'status': 3, 'expiration': 1767323645.678901, 'worker_id': 'worker 1'}, {'status': 1, 'expiration': null}, null], null]`,
    },
  },
});

export const PRIORITIZE_WORK_UNITS = declare({
  name: 'prioritize_work_units',
  needs: 'submit',
  params: params({
    work_spec_name: SPEC_NAME,
    options: options({
      work_unit_keys: described(optional(list(byteName)), 'which units; those that are not there are passed over'),
      priority: described(optional(finite), 'what it becomes'),
      adjustment: described(optional(finite), 'what is added to it, if `priority` is absent'),
    }),
  }),
  about: {
    does: 'Changes the priority of units: those of higher priority are given out first.',
    answers: '`[true, null]`, or `[false, message]` if no keys are given or there is no such spec',
    example: { params: '"resize", {"work_unit_keys": ["owl.jpg"], "priority": 5}', result: '[true, null]' },
  },
});

export const DEL_WORK_UNITS = declare({
  name: 'del_work_units',
  needs: 'submit',
  params: params({
    work_spec_name: SPEC_NAME,
    options: options({
      all: described(optional(flag), 'all of them'),
      work_unit_keys: described(optional(list(byteName)), 'these'),
      state: described(optional(states), 'those in one of these states; with keys, those of the keys'),
    }),
  }),
  about: {
    does: 'Deletes units with their history.',
    answers: '`[count, null]`; `[0, message]` if nothing is selected or there is no such spec',
    example: { params: '"resize", {"work_unit_keys": ["dog.jpg", "gnu.jpg"]}', result: '[1, null]' },
  },
});

export const CANCEL_WORK_UNITS = declare({
  name: 'cancel_work_units',
  needs: 'submit',
  params: params({
    work_spec_name: SPEC_NAME,
    options: options({
      all: described(optional(flag), 'all that are pending'),
      work_unit_keys: described(optional(list(byteName)), 'these, as far as they are pending'),
      worker_id: described(optional(byteName), 'those that this worker holds; with keys, those of the keys'),
      reason: described(optional(text), 'why, for people: the units fail with the cause `cancelled: reason`'),
      release: described(optional(flag), 'the units are given back; else they fail'),
    }),
  }),
  about: {
    does:
      'Stops what runs: whatever the workers say of these units afterwards is refused, until the units are given out again. ' +
      'Units held by a worker that the caller may not act for are left alone.',
    answers: '`[count, null]`; `[0, message]` if nothing is selected or there is no such spec',
    example: { params: '"resize", {"work_unit_keys": ["cat.jpg"], "reason": "wrong size"}', result: '[1, null]' },
  },
});

export const EDIT_WORK_UNIT = declare({
  name: 'edit_work_unit',
  needs: 'submit',
  params: params({
    work_spec_name: SPEC_NAME,
    work_unit_key: described(byteName, 'which unit'),
    data: described(dictionary, 'what its own data become'),
  }),
  about: {
    does:
      'Gives a unit other data: it reads so from then on, and its next attempt gets them. It stays as it is otherwise: a failed one ' +
      'stays failed.',
    answers: '`[true, null]`; `[false, message]` if it is pending, or there is no such unit or spec',
    example: { params: '"resize", "dog.jpg", {"width": 640}', result: '[true, null]' },
  },
});
