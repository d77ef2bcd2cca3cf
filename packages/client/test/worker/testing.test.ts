import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import type { UnitOfWork } from 'coordinate-client';
import { shared } from '../../../../test/support/shared.js';
import { builtClient } from './built.js';

async function builtTesting(): Promise<typeof import('coordinate-client/testing')> {
  const file = join(await shared('/client'), 'testing/index.js');
  return (await import(/* @vite-ignore */ pathToFileURL(file).href)) as typeof import('coordinate-client/testing');
}

it('gives a test a daemon, and has workers work until nothing is left', async () => {
  const { Retry, Worker } = await builtClient();
  const { drain, withCoordinate } = await builtTesting();
  const program = await shared('/daemon');
  const url = await withCoordinate(
    async (coordinate, daemon) => {
      await coordinate.spec('second').set();
      await coordinate.spec('first').set({ then: 'second' });
      await coordinate.spec('unknown').set();
      await coordinate.spec('first').add(['a', 'b', 'later', 'fails']);
      await coordinate.spec('unknown').add(['u']);
      const worker = new Worker(coordinate, {
        first: ({ name }: UnitOfWork) => {
          if (name === 'later') throw new Retry({ delay: '1h' });
          if (name === 'fails') throw new Error('as it is to');
          return { output: { [`from ${String(name)}`]: {} } };
        },
        second: () => ({ done: true }),
      });
      await drain(worker);
      expect(await coordinate.spec('first').counts()).toMatchObject({ finished: 2, failed: 1, delayed: 1 });
      expect(await coordinate.spec('second').counts()).toMatchObject({ finished: 2, available: 0 });
      expect(await coordinate.spec('unknown').counts()).toMatchObject({ available: 1 });
      const paused = new Worker(coordinate, { unknown: () => undefined });
      await coordinate.spec('unknown').pause();
      await expect(drain(paused, { timeout: 50 })).rejects.toThrow('there are left: 1 available of unknown');
      return daemon.url;
    },
    { program },
  );
  await expect(fetch(url)).rejects.toThrow();
});

it('sets the clock of the daemon, by which delays and leases go', async () => {
  const { withCoordinate } = await builtTesting();
  await withCoordinate(
    async (coordinate, { clock }) => {
      const spec = coordinate.spec('s');
      await spec.set();
      await spec.add([{ name: 'later', delay: '1h' }]);
      const waiting = coordinate.worker('w').claim({ lease: '1m', wait: '20s' });
      await clock.advance('2h');
      // Whoever waits gets at once what has become due.
      expect((await waiting).map(({ unit }) => unit)).toEqual(['later']);
      await clock.advance('61s');
      expect(await spec.counts()).toMatchObject({ pending: 0, available: 1 });
      const day = new Date('2027-03-28T00:30:00Z');
      expect((await clock.set(day)).getTime() - day.getTime()).toBeLessThan(10_000);
    },
    { program: await shared('/daemon') },
  );
});

it('says why there is no daemon', async () => {
  const { withCoordinate } = await builtTesting();
  const options = { program: await shared('/daemon'), flags: ['-mistyped'] };
  await expect(withCoordinate(() => undefined, options)).rejects.toThrow(/did not start:\n[^]*mistyped/);
});
