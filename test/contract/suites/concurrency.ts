import type { Attempt } from 'coordinate-daemon/backend';
import { describe, expect, it } from 'vitest';
import { data, refusal } from '../data.js';
import type { Repositories } from '../harness.js';
import type { World } from '../world.js';
import { LEASE } from '../world.js';

export function describeConcurrency(w: World): void {
  const names = (count: number): string[] =>
    Array.from({ length: count }, (_, index) => `u${String(index).padStart(4, '0')}`);

  /** Runs all at once, and waits for every one of them. */
  async function together<T>(calls: readonly (() => T | Promise<T>)[]): Promise<T[]> {
    return await Promise.all(calls.map(async (call) => await call()));
  }
  const claimer = (repositories: Repositories, worker: string, units: number) => async (): Promise<Attempt[]> =>
    (await repositories.attempts.claim(w.namespace, { worker, units, lifetime: LEASE })).attempts;

  describe('many at once', () => {
    it('adding a thousand names again from many connections loses nothing and raises nothing', async () => {
      await w.spec('s');
      await w.add('s', ...names(1000));
      const shuffles = Array.from({ length: 8 }, (_, turn) =>
        names(1000).map((_, index, all) => all[(index * 37 + turn * 111) % 1000]),
      );
      await together(
        shuffles.map((shuffled, turn) => () => w.add('s', ...shuffled.map((name) => ({ name, data: { turn } })))),
      );
      expect(await w.names('s')).toEqual(names(1000));
      expect(await w.counts('s')).toEqual({ available: 1000 });
    });

    it('claims never hand out a unit twice', async () => {
      await w.spec('s');
      await w.add('s', ...names(200));
      const claims = await together(Array.from({ length: 40 }, (_, index) => claimer(w.repositories, `w${index}`, 7)));
      const units = claims.flat().map(({ workUnit }) => workUnit);
      expect(units.sort()).toEqual(names(200));
    });

    it('claims never exceed max_running', async () => {
      await w.spec('s', { max_running: 5 });
      await w.add('s', ...names(100));
      const claims = await together(Array.from({ length: 30 }, (_, index) => claimer(w.repositories, `w${index}`, 2)));
      expect(claims.flat()).toHaveLength(5);
      expect(await w.counts('s')).toEqual({ pending: 5, available: 95 });
    });

    it('a spec whose units are all deleted again and again is there for all who add, claim and report', async () => {
      const rounds = Number(process.env.DELETE_ALL_ROUNDS ?? 15);
      await w.spec('s');
      // A backend may answer at once, so that nobody else would come in between.
      const othersTurn = () => new Promise((resolve) => setImmediate(resolve));
      let adding = 4;
      const add = (turn: number) => async (): Promise<void> => {
        for (let round = 0; round < rounds; round++) {
          await (turn < 2 ? w.add('s', ...names(30)) : w.add('s', `u${round}`, `v${turn}`));
          await othersTurn();
        }
        adding--;
      };
      const meanwhile = (step: () => Promise<unknown>) => async (): Promise<void> => {
        while (adding > 0) await step().then(othersTurn);
      };
      const work = (worker: string) => async (): Promise<void> => {
        for (const { workUnit } of await claimer(w.repositories, worker, 3)()) {
          const report = { workSpec: 's', workUnit, worker, status: 'finished', lifetime: LEASE } as const;
          await w.attempts.report(w.namespace, report);
        }
      };
      await together([
        meanwhile(async () => await w.units.delete(w.namespace, 's', {})),
        ...['a', 'b', 'c', 'd'].map((worker) => meanwhile(work(worker))),
        ...[0, 1, 2, 3].map(add),
      ]);
      await w.units.delete(w.namespace, 's', {});
      expect(await w.counts('s')).toEqual({});
      await w.add('s', 'last');
      expect(await w.claimed('a', { units: 5 })).toEqual(['last']);
      expect(
        await w.attempts.report(w.namespace, { workSpec: 's', workUnit: 'last', status: 'finished', lifetime: LEASE }),
      ).toEqual({ changed: true });
      expect(await w.counts('s')).toEqual({ finished: 1 });
    });

    it('claims make one continuous unit', async () => {
      await w.spec('s', { continuous: true, interval: 60 });
      const claims = await together(Array.from({ length: 10 }, (_, index) => claimer(w.repositories, `w${index}`, 1)));
      expect(claims.flat()).toHaveLength(1);
      expect(await w.names('s')).toHaveLength(1);
    });

    it('of many successes for one attempt one is taken, and chains once', async () => {
      await w.spec('s', { then: 't' });
      await w.spec('t');
      await w.add('s', 'u');
      const ref = await w.take();
      const answers = await together(
        Array.from({ length: 10 }, (_, index) => () => {
          const change = { ref, action: 'finish', data: data({ output: [`x${index}`] }) } as const;
          return refusal(() => w.attempts.change(w.namespace, change));
        }),
      );
      expect(answers.filter((answer) => answer === 'done')).toHaveLength(1);
      expect(answers.filter((answer) => answer === 'ErrNotPending')).toHaveLength(9);
      expect(await w.names('t')).toHaveLength(1);
    });

    it('an attempt that is superseded while it finishes may finish all the same', async () => {
      await w.spec('s');
      await w.add('s', ...names(20));
      const { attempts } = await w.claim('w', { units: 20 });
      const answers = await together(
        attempts.flatMap((ref) => [
          async () => `made ${(await w.make('other', 's', ref.workUnit)).status}`,
          () => refusal(() => w.act(ref, 'finish')),
        ]),
      );
      expect(new Set(answers)).toEqual(new Set(['made pending', 'done']));
      expect(await w.counts('s')).toEqual({ pending: 20 });
      for (const { workUnit } of attempts) {
        expect(await w.history('s', workUnit)).toEqual(['w finished', 'other pending']);
      }
    });

    it('units chained into each other by many at once come through', async () => {
      await w.spec('a', { then: 'b' });
      await w.spec('b', { then: 'a' });
      await w.add('a', ...names(30));
      await w.add('b', ...names(30));
      const attempts = [
        ...(await w.claim('w', { units: 30, workSpecs: ['a'] })).attempts,
        ...(await w.claim('w', { units: 30, workSpecs: ['b'] })).attempts,
      ];
      const content = data({ output: names(30) });
      await together(
        attempts.map((ref) => () => w.attempts.change(w.namespace, { ref, action: 'finish', data: content })),
      );
      for (const spec of ['a', 'b']) {
        const counts = await w.counts(spec);
        expect((counts.available ?? 0) + (counts.finished ?? 0)).toBe(30);
        expect(counts.pending).toBeUndefined();
      }
    });
  });

  describe('one that takes long', () => {
    const MANY = 1_500;

    /** What `look` sees again and again from when a change begins until it is over, and once more: each thing once. */
    async function seenDuring(change: Promise<unknown>, look: () => unknown): Promise<unknown[]> {
      const seen = new Set<string>();
      let isOver = false;
      const done = change.finally(() => (isOver = true));
      while (!isOver) seen.add(JSON.stringify(await look()));
      await done;
      return [...seen.add(JSON.stringify(await look()))].map((text) => JSON.parse(text) as unknown);
    }
    /** Whether only what was before and what is afterwards has been seen. */
    function expectNoHalf(seen: unknown[], before: unknown, after: unknown): void {
      for (const one of seen) expect([before, after]).toContainEqual(one);
      expect(seen.at(-1)).toEqual(after);
    }
    async function prepared(): Promise<void> {
      await w.spec('s', { then: 't' });
      await w.spec('t');
      await w.add('s', ...names(MANY));
    }

    it('adds all at one moment', async () => {
      await w.spec('s');
      const seen = await seenDuring(w.add('s', ...names(MANY)), () => w.counts('s'));
      expectNoHalf(seen, {}, { available: MANY });
    });

    it('claims all at one moment', async () => {
      await prepared();
      const seen = await seenDuring(w.claim('w', { units: MANY }), () => w.counts('s'));
      expectNoHalf(seen, { available: MANY }, { pending: MANY });
      expect(await w.activeOf('w')).toHaveLength(MANY);
    });

    it('finishes and chains all at one moment', async () => {
      await prepared();
      const attempt = await w.take();
      const output = data({ output: names(MANY) });
      const line = (workSpec: string, status: string, count: number): object => {
        return { namespace: w.namespace, workSpec, status, count };
      };
      const seen = await seenDuring(
        Promise.resolve(w.attempts.change(w.namespace, { ref: attempt, action: 'finish', data: output })),
        () => w.namespaces.summarize(w.namespace),
      );
      expectNoHalf(
        seen,
        [line('s', 'available', MANY - 1), line('s', 'pending', 1)],
        [line('s', 'available', MANY - 1), line('s', 'finished', 1), line('t', 'available', MANY)],
      );
    });

    w.itWith('moments', 'changes all at one moment', async () => {
      await prepared();
      const change = Promise.resolve(w.units.prioritize(w.namespace, 's', {}, { to: 2 }));
      const seen = await seenDuring(change, async () => {
        const [first, last] = await w.units.getMany(w.namespace, 's', ['u0000', `u${MANY - 1}`]);
        return [first!.priority, last!.priority];
      });
      expectNoHalf(seen, [0, 0], [2, 2]);
    });

    w.itWith('moments', 'deletes all at one moment', async () => {
      await prepared();
      await w.add('s', { name: 'later', delay: LEASE });
      const change = Promise.resolve(w.units.delete(w.namespace, 's', { statuses: ['available'] }));
      const seen = await seenDuring(change, () => w.counts('s'));
      expectNoHalf(seen, { available: MANY, delayed: 1 }, { delayed: 1 });
    });

    it('gives nobody what another claims, adds or deletes meanwhile', async () => {
      await prepared();
      const [claim, ...claims] = await Promise.all([
        w.claim('w', { units: MANY, workSpecs: ['s'] }),
        ...Array.from({ length: 20 }, (_, index) => w.claim(`w${index}`, { workSpecs: ['s'] })),
        w.add('s', ...names(MANY)).then(() => w.claim('late', { workSpecs: ['s'] })),
      ]);
      const units = [claim, ...claims].flatMap(({ attempts }) => attempts.map(({ workUnit }) => workUnit));
      expect(new Set(units).size).toBe(units.length);
      expect((await w.counts('s')).pending).toBe(units.length);
    });
  });

  w.describeWith('sharing', 'two daemons on one storage', () => {
    it('see the same things', async () => {
      const other = await w.another();
      await w.spec('s');
      await other.units.add(w.namespace, 's', [{ name: 'u', data: data({ x: 1 }), priority: 0 }]);
      const attempt = await w.take();
      expect(await other.attempts.get(w.namespace, attempt)).toEqual(attempt);
      await other.attempts.change(w.namespace, { ref: attempt, action: 'finish' });
      expect(await w.status('s', 'u')).toBe('finished');
      await w.advance(1);
      expect(await refusal(() => other.attempts.change(w.namespace, { ref: attempt, action: 'finish' }))).toBe(
        'ErrNotPending',
      );
    });

    it('never hand out a unit twice, nor exceed max_running between them', async () => {
      const other = await w.another();
      await w.spec('s', { max_running: 50 });
      await w.add('s', ...names(200));
      const claims = await together(
        Array.from({ length: 30 }, (_, index) => claimer(index % 2 ? other : w.repositories, `w${index}`, 3)),
      );
      const units = claims.flat().map(({ workUnit }) => workUnit);
      expect(new Set(units).size).toBe(units.length);
      expect(units).toHaveLength(50);
    });

    w.itWith('locks', 'share their locks', async () => {
      const other = await w.another();
      expect(await w.locks.lock(w.namespace, 'me', LEASE, [['a']])).toBeUndefined();
      expect(await other.locks.lock(w.namespace, 'you', LEASE, [['a', 'b']])).toEqual(['a', 'b']);
    });
  });
}
