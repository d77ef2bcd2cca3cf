import { expect } from 'vitest';
import { RawClient } from '../cbor-rpc/client.js';
import type { RunningDaemon } from '../support/daemon.js';
import { ATTACKS } from './attacks/attacks.js';
import { sized } from '../support/full-size.js';
import { describeAttacks } from './attacks/measuring.js';

/** `npm test` is content with far smaller ones than the figures in docs/limits.md are of. */
const SIZE = Number(process.env.ATTACK_SIZE ?? sized(0.02, 0.005));

async function withDriver(daemon: RunningDaemon, use: (driver: RawClient) => Promise<unknown>): Promise<void> {
  const driver = await RawClient.connect(daemon.rpcPort);
  await use(driver);
  driver.destroy();
}

describeAttacks({
  title: 'no attack keeps others from being answered, nor takes memory without end',
  attacks: ATTACKS,
  size: SIZE,
  bounds: { longestMs: SIZE === 1 ? 2_000 : 20_000, growthMiB: 700 },
  prepare: (daemon, attack) =>
    withDriver(daemon, async (driver) => {
      await driver.call('clear');
      await attack.prepare?.(driver, SIZE);
    }),
  run: (daemon, { run }) => run(daemon.rpcPort, SIZE),
  after: (daemon) =>
    withDriver(daemon, async (driver) =>
      expect(await driver.call('list_work_specs', { limit: 0 })).toEqual([[], null]),
    ),
});
