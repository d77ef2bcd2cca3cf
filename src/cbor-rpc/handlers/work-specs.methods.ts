import { declare } from '../rpc-method.decorator.js';
import { described, dictionary, flag, integer, number, optional, options, params, text } from '../params/index.js';

const SPEC_NAME = described(text, 'which work spec');

export const SET_WORK_SPEC = declare({
  name: 'set_work_spec',
  needs: 'define',
  params: params({
    work_spec: described(dictionary, 'its `name`, what the daemon is to know of it, and whatever workers need to know'),
  }),
  about: {
    does:
      'Makes a work spec, or replaces the one of that name; its units stay. ' +
      'The [keys that mean something to the daemon](introduction.md#what-a-work-spec-can-say); others are kept as they are.',
    answers: '`[true, null]`. A name that is missing or none is an error',
    example: { params: '{"name": "publish", "min_gb": 0.5}', result: '[true, null]' },
  },
});

export const GET_WORK_SPEC = declare({
  name: 'get_work_spec',
  needs: 'read',
  params: params({ work_spec_name: SPEC_NAME }),
  about: {
    does: 'Reads a work spec.',
    answers: 'the map as it was set, or null; `module` and `run_function` are byte strings, whatever they were',
    example: { params: '"resize"', result: '{"name": "resize", "max_retries": 3}' },
  },
});

export const LIST_WORK_SPECS = declare({
  name: 'list_work_specs',
  needs: 'read',
  params: params({
    options: options({
      start: described(optional(text), 'the name to begin with'),
      limit: described(optional(integer), 'how many at most; absent: all; 0 or less: none'),
    }),
  }),
  about: {
    does: 'Lists work specs by name.',
    answers: '`[[map, …], next]`; `next` is the name to go on with as `start`, null at the end',
    example: { params: '{"limit": 1}', result: '[[{"name": "resize", "max_retries": 3}], null]' },
  },
});

export const DEL_WORK_SPEC = declare({
  name: 'del_work_spec',
  needs: 'admin',
  params: params({ work_spec_name: SPEC_NAME }),
  about: {
    does: 'Deletes a work spec with its units and their history.',
    answers: '`[true, null]`, or `[false, message]` if there is none',
    example: { params: '"resize"', result: '[true, null]' },
  },
});

export const CLEAR = declare({
  name: 'clear',
  needs: 'admin',
  params: params({}),
  about: {
    does: 'Deletes all work specs, with their units and the history of those.',
    answers: 'how many work specs there were',
    example: { params: '', result: '1' },
  },
});

export const CONTROL_WORK_SPEC = declare({
  name: 'control_work_spec',
  needs: 'admin',
  params: params({
    work_spec_name: SPEC_NAME,
    options: options({
      status: described(optional(integer), '1: units are given out; 2: paused'),
      continuous: described(optional(flag), 'whether units are made by themselves, if the spec was set as continuous'),
      weight: described(optional(integer), 'the share of pending work among specs of one priority'),
      interval: described(optional(number), 'least seconds between two units that are made by themselves'),
      max_running: described(optional(integer), 'most units that are pending at once; 0: any number'),
      priority: described(optional(integer), 'specs of the highest one that have work go first'),
    }),
  }),
  about: {
    does: 'Changes how the units of a work spec are given out. What is not named stays.',
    answers:
      '`[true, null]`, or `[false, message]` if there is no such spec, or it is to become continuous and was not set so',
    example: { params: '"resize", {"status": 2}', result: '[true, null]' },
  },
});

export const GET_WORK_SPEC_META = declare({
  name: 'get_work_spec_meta',
  needs: 'read',
  params: params({ work_spec_name: SPEC_NAME }),
  about: {
    does: 'Reads what control_work_spec changes and, where the spec says it, the `flow` of its units, and of a schedule `next_slot` and `last_slot` in seconds.',
    answers: '`[map, null]`, or `[null, message]` if there is no such spec',
    example: {
      params: '"resize"',
      result: `[{'status': 1, 'continuous': false, 'interval': 0, 'max_running': 0, 'weight': 20, 'priority': 0}, null]`,
    },
  },
});
