import { SECOND } from 'coordinate-daemon/backend';
import { describe, expect, it } from 'vitest';
import type { World } from '../world.js';
import { LEASE } from '../world.js';

export function describeSummaries(w: World): void {
  describe('summaries', () => {
    const lines = async (namespace?: string): Promise<string[]> =>
      (await w.namespaces.summarize(namespace)).map(
        (line) => `${line.namespace} ${line.workSpec} ${line.status} ${line.count}`,
      );

    it('count the units of each spec by status, without zeros, sorted by namespace and spec', async () => {
      for (const namespace of ['b', 'a', 'é']) {
        for (const spec of ['y', 'x', 'none']) await w.spec(spec, {}, namespace);
        const unit = (name: string, delay = 0): object => ({ name, data: Uint8Array.of(0xa0), priority: 0, delay });
        await w.units.add(namespace, 'y', ['1', '2'].map((name) => unit(name)) as never);
        await w.units.add(namespace, 'x', [unit('3', SECOND)] as never);
        await w.attempts.report(namespace, { workSpec: 'y', workUnit: '1', status: 'failed', lifetime: LEASE });
      }
      const of = (namespace: string): string[] => [
        `${namespace} x delayed 1`,
        `${namespace} y available 1`,
        `${namespace} y failed 1`,
      ];
      expect((await lines()).sort()).toEqual([...of('a'), ...of('b'), ...of('é')]);
      const order = (await w.namespaces.summarize()).map(({ namespace, workSpec }) => namespace + workSpec);
      expect(order).toEqual(['ax', 'ay', 'ay', 'bx', 'by', 'by', 'éx', 'éy', 'éy']);
      expect((await lines('b')).sort()).toEqual(of('b'));
      expect(await lines('none')).toEqual([]);
    });

    it('are computed at the moment, as the counts are', async () => {
      await w.spec('s');
      await w.add('s', ...'abcdef', { name: 'later', delay: SECOND });
      const { attempts } = await w.claim('w', { units: 4 });
      await w.act(attempts[0], 'finish');
      await w.act(attempts[1], 'fail');
      expect(await w.counts('s')).toEqual({ available: 2, delayed: 1, pending: 2, finished: 1, failed: 1 });
      await w.advance(SECOND);
      expect(await w.counts('s')).toEqual({ available: 3, pending: 2, finished: 1, failed: 1 });
      await w.advance(LEASE);
      expect(await w.counts('s')).toEqual({ available: 5, finished: 1, failed: 1 });
      expect((await lines()).sort()).toEqual(['test s available 5', 'test s failed 1', 'test s finished 1']);
      await w.units.delete(w.namespace, 's', { statuses: ['failed', 'available'] });
      expect(await lines()).toEqual(['test s finished 1']);
    });
  });
}
