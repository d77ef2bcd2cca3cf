import { declare } from '../rpc-method.decorator.js';
import { params } from '../params/index.js';

export const GET_CONFIG = declare({
  name: 'get_config',
  needs: 'work',
  params: params({}),
  about: {
    does: 'Reads the YAML of `-config`, which an operator hands to workers.',
    answers: '`[what is in it, null]`, with strings of ASCII as byte strings. Without `-config` it is an error',
    example: { params: '', result: `[{'coordinate': {'default_lifetime': 900}}, null]` },
  },
});

export const NOW = declare({
  name: 'now',
  needs: 'read',
  params: params({}),
  about: {
    does: 'Asks what time it is where leases are measured.',
    answers: 'Unix seconds',
    example: { params: '', result: '1767323045.678901' },
  },
});
