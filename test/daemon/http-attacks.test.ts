import { expect } from 'vitest';
import { sized } from '../support/full-size.js';
import { HTTP_ATTACKS } from './attacks/http-attacks.js';
import { describeAttacks } from './attacks/measuring.js';

/** 0.02 is a look at whether all is well, and takes half a minute. */
const SIZE = Number(process.env.ATTACK_SIZE ?? sized(0.02, 0));

describeAttacks({
  title: 'no HTTP client keeps others from being answered, nor takes memory without end',
  attacks: HTTP_ATTACKS,
  size: SIZE,
  bounds: { longestMs: SIZE === 1 ? 3_000 : 20_000, growthMiB: 1_000 },
  prepare: () => Promise.resolve(),
  run: (daemon, { run }) => run(daemon.httpPort, SIZE),
  after: async ({ httpPort }) => {
    const namespace = `http://127.0.0.1:${httpPort}/namespace/n`;
    expect((await fetch(namespace, { method: 'DELETE' })).status).toBe(204);
  },
});
