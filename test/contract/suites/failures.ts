import type { Encodable, SnapshotRecord } from 'coordinate-daemon/backend';
import {
  causeId,
  causeNumber,
  encode,
  failureCause,
  MAX_CAUSES,
  NO_REASON,
  OTHER,
  SECOND,
} from 'coordinate-daemon/backend';
import { describe, expect, it } from 'vitest';
import type { World } from '../world.js';
import { START } from '../world.js';

const python = (error: string): string =>
  `Traceback (most recent call last):\n  File "/srv/crawl.py", line 7, in run\n    get(url)\n${error}\n`;

/** Why units failed, and queries of units by that. */
export function describeFailures(w: World): void {
  /** Fails units one second after another. */
  async function fail(spec: string, names: readonly string[], content?: Encodable, cause?: string): Promise<void> {
    for (const name of names) {
      await w.act(await w.make('w', spec, name), 'fail', { content, cause });
      await w.advance(SECOND);
    }
  }
  async function groups(spec = 's', limit = 1000): Promise<string[]> {
    const found = await w.units.failures(w.namespace, spec, limit);
    return found.map(({ cause, count, examples }) => `${cause}: ${count} ${examples.join(',')}`);
  }
  const by = (cause: string) => ({ failure: causeNumber(cause) });

  describe('failures', () => {
    it('are told by what data say, with what differs left out', async () => {
      await w.spec('s');
      await w.add('s', 'a', 'b', 'c', 'd', 'e');
      await fail('s', ['a'], { traceback: python("KeyError: 'x1'") });
      await fail('s', ['b'], { traceback: python("KeyError: 'x2'") });
      await fail('s', ['c'], { error: { message: 'no answer in 12.5 s' } });
      await fail('s', ['d']);
      await w.report('s', 'e', 'failed', { content: { traceback: python("KeyError: 'x3'") } });
      expect(await w.units.failures(w.namespace, 's', 1000)).toEqual([
        {
          id: causeId(causeNumber('KeyError: <text>')),
          cause: 'KeyError: <text>',
          count: 3,
          first: START,
          last: START + 4 * SECOND,
          examples: ['a', 'b', 'e'],
        },
        {
          id: causeId(causeNumber('no answer in <number> s')),
          cause: 'no answer in <number> s',
          count: 1,
          first: START + 2 * SECOND,
          last: START + 2 * SECOND,
          examples: ['c'],
        },
        {
          id: causeId(causeNumber(NO_REASON)),
          cause: NO_REASON,
          count: 1,
          first: START + 3 * SECOND,
          last: START + 3 * SECOND,
          examples: ['d'],
        },
      ]);
      expect(await groups('s', 1)).toEqual(['KeyError: <text>: 3 a,b,e']);
      expect((await w.unit('s', 'a')).failure).toBe(causeId(causeNumber('KeyError: <text>')));
    });

    it('are called as their worker does, in the call or in data', async () => {
      await w.spec('s');
      await w.add('s', 'a', 'b');
      await fail('s', ['a'], { traceback: 'x' }, ' page  7\n missing ');
      await fail('s', ['b'], { cause: 'page 8 missing', traceback: 'x' });
      expect(await groups()).toEqual(['page 7 missing: 1 a', 'page 8 missing: 1 b']);
    });

    it('are those of units that are failed now', async () => {
      await w.spec('s', { max_retries: 1 });
      await w.add('s', 'a', 'b', 'c', 'd', 'e', 'f');
      const late = await w.make('w', 's', 'a');
      await w.act(late, 'fail', { content: { error: 'x' } });
      await fail('s', ['b', 'c', 'd', 'e', 'f'], { error: 'x' });
      expect(await groups()).toEqual(['x: 6 a,b,c']);
      await w.act(late, 'finish');
      await w.units.change(w.namespace, 's', 'b', { clear: true });
      await w.add('s', 'c');
      await w.make('w', 's', 'd');
      await w.units.delete(w.namespace, 's', { names: ['e'] });
      expect(await groups()).toEqual(['x: 1 f']);
      expect(await w.names('s', by('x'))).toEqual(['f']);
      await w.report('s', 'f', 'finished');
      expect(await groups()).toEqual([]);
      expect(await w.names('s', by('x'))).toEqual([]);
    });

    it('may come again by another cause', async () => {
      await w.spec('s');
      await w.add('s', 'a');
      await fail('s', ['a'], { error: 'x' });
      await fail('s', ['a'], { error: 'y' });
      await w.units.change(w.namespace, 's', 'a', { priority: 7 });
      expect(await groups()).toEqual(['y: 1 a']);
      await w.units.clear(w.namespace, 's', {});
      await fail('s', ['a'], { error: 'y' });
      expect(await groups()).toEqual(['y: 1 a']);
    });

    it('of units that were tried too often say so', async () => {
      await w.spec('s', { max_retries: 1 });
      await w.add('s', 'a');
      await w.act(await w.take(), 'retry', { content: { traceback: 'x' } });
      await w.claim();
      expect(await groups()).toEqual(['too many retries: 1 a']);
    });

    it('go with their spec and its units', async () => {
      await w.spec('s');
      await w.add('s', 'a', 'b');
      await fail('s', ['a', 'b'], { error: 'x' });
      await w.units.delete(w.namespace, 's', {});
      expect(await groups()).toEqual([]);
      await w.add('s', 'c');
      await fail('s', ['c'], { error: 'x' });
      expect(await groups()).toEqual(['x: 1 c']);
      await expect(Promise.resolve().then(() => w.units.failures(w.namespace, 't', 1))).rejects.toThrow();
    });

    it('select units in every query, together with what else it has', async () => {
      await w.spec('s');
      await w.add('s', 'a', 'b', 'c', 'd', 'e');
      await fail('s', ['b', 'd', 'e'], { error: 'x' });
      await fail('s', ['c'], { error: 'y' });
      expect(await w.names('s', by('x'))).toEqual(['b', 'd', 'e']);
      expect(await w.names('s', { ...by('x'), previous: 'b', limit: 1 })).toEqual(['d']);
      expect(await w.names('s', { ...by('x'), names: ['c', 'e', 'a'] })).toEqual(['e']);
      expect(await w.names('s', { ...by('x'), statuses: ['finished'] })).toEqual([]);
      expect(await w.names('s', { ...by('x'), statuses: ['failed', 'pending'], prefix: 'd' })).toEqual(['d']);
      expect(await w.names('s', by('never seen'))).toEqual([]);
      expect(await w.units.prioritize(w.namespace, 's', by('x'), { to: 3 })).toBe(3);
      expect((await w.units.list(w.namespace, 's', by('x'))).map(({ priority }) => priority)).toEqual([3, 3, 3]);
      expect(await w.units.clear(w.namespace, 's', { ...by('x'), limit: 1 })).toBe(1);
      expect(await w.units.delete(w.namespace, 's', by('x'))).toBe(2);
      expect(await w.counts('s')).toEqual({ available: 2, failed: 1 });
      expect(await groups()).toEqual(['y: 1 c']);
    });

    it('are bounded: what is one too many is another', async () => {
      await w.spec('s');
      const names = Array.from({ length: MAX_CAUSES + 5 }, (_, at) => String(at).padStart(4, '0'));
      await w.add('s', ...names);
      const refs = [];
      for (const name of names) refs.push(await w.make('w', 's', name));
      await w.attempts.changeMany(
        w.namespace,
        refs.map((ref) => ({ ref, action: 'fail', data: encode({ cause: `cause ${ref.workUnit}` }) })),
      );
      const found = await w.units.failures(w.namespace, 's', 10_000);
      expect(found).toHaveLength(MAX_CAUSES + 1);
      expect(found[0]).toMatchObject({ id: OTHER, cause: OTHER, count: 5 });
      expect(await w.names('s', by(OTHER))).toHaveLength(5);
      expect(await w.units.clear(w.namespace, 's', by(OTHER))).toBe(5);
    });
  });

  w.describeWith('snapshots', 'failures in a snapshot', () => {
    it('stay as they were, those that were named and those that data tell of', async () => {
      await w.spec('s');
      await w.add('s', 'a', 'b', 'c');
      await fail('s', ['a'], { error: 'x' }, 'mine');
      await fail('s', ['b'], { error: 'x' });
      await fail('s', ['c']);
      const records: SnapshotRecord[] = [];
      await w.snapshots.read(async (some) => {
        for await (const each of some) records.push(...each);
      });
      const causes = records.flatMap((record) => (record.kind === 'work unit' ? [record.cause] : []));
      expect(causes).toEqual(['mine', undefined, undefined]);
      expect(failureCause({ data: encode({ error: 'x' }) })).toBe('x');
      const before = await w.units.failures(w.namespace, 's', 10);
      await w.empty();
      await w.snapshots.restore(
        (async function* () {
          await Promise.resolve();
          yield records;
        })(),
      );
      expect(await w.units.failures(w.namespace, 's', 10)).toEqual(before);
      expect(await w.units.clear(w.namespace, 's', by('mine'))).toBe(1);
    });
  });
}
