import { declare } from '../rpc-method.decorator.js';
import { OPEN } from '../../access/need.js';
import { VERSION } from '../../version.js';
import { described, optional, options, params, text } from '../params/index.js';

export const HELLO = declare({
  name: 'hello',
  needs: OPEN,
  params: params({
    options: options({
      token: described(optional(text), 'who calls from now on, by a token; absent: as before'),
      namespace: described(optional(text), 'where the connection works from now on; absent: as before'),
      client: described(optional(text), 'which program that is, for the log'),
    }),
  }),
  about: {
    does:
      'Says who makes the requests of this connection, and in which namespace. It may be said again, and is of no other ' +
      'connection. A token that is not known is an error, and the end of the connection; where ' +
      '[nobody is asked who they are](security.md), tokens are passed over.',
    answers:
      '`[map, null]`: `version` of the daemon, the `namespace`, the name of the `caller`, its `rights` there, ' +
      'and `features`: options that older daemons pass over',
    example: {
      params: '{"client": "docs"}',
      result:
        `[{"version": "${VERSION}", "namespace": "", "caller": "everybody", ` +
        '"rights": ["read", "submit", "work", "define", "admin", "operate"], "features": ["update_work_unit.delay"]}, null]',
    },
  },
});

export const GET_CONFIG = declare({
  name: 'get_config',
  needs: 'work',
  actsFor: () => [],
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
