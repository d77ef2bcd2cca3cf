import { describe, expect, it } from 'vitest';
import { refusal } from '../data.js';
import type { World } from '../world.js';

/** In bytewise order. */
const NAMES = [
  '',
  '\x00',
  '\x00\x00',
  '\x00\xff',
  ' ',
  '%41',
  "'; drop table units; --",
  '-',
  '0',
  'A',
  'A\x00',
  'A\x00B',
  'AA',
  '\\x41',
  'a',
  'a'.repeat(1023),
  'a'.repeat(1024),
  '\x7f',
  '\x80',
  '\xc3\xa9',
  '\xe2\x82',
  '\xfe',
  '\xff',
  '\xff\x00',
  '\xff'.repeat(1024),
];

export function describeByteNames(w: World): void {
  describe('names of work units', () => {
    it('are any bytes, kept apart and sorted bytewise', async () => {
      await w.spec('s');
      await w.add('s', ...[...NAMES].reverse().map((name) => ({ name, data: { length: name.length } })));
      expect(await w.names('s')).toEqual(NAMES);
      for (const name of NAMES) expect(await w.data('s', name)).toEqual({ length: name.length });
      for (const [index, previous] of NAMES.entries()) {
        expect(await w.names('s', { previous, limit: 2 })).toEqual(NAMES.slice(index + 1, index + 3));
      }
      expect(await w.names('s', { names: [...NAMES].reverse() })).toEqual(NAMES);
    });

    it('are claimed in bytewise order', async () => {
      await w.spec('s');
      await w.add('s', ...[...NAMES].reverse());
      expect(await w.claimed('w', { units: 10 })).toEqual(NAMES.slice(0, 10));
      expect(await w.claimed('w', { units: 100 })).toEqual(NAMES.slice(10));
    });

    it('of any bytes live through all that happens to a unit', async () => {
      await w.spec('s');
      for (const name of NAMES) {
        await w.add('s', name);
        const attempt = await w.take();
        expect(attempt.workUnit).toBe(name);
        await w.act(attempt, 'finish', { content: { x: 1 } });
        await w.add('s', name);
        expect(await w.report('s', name, 'failed')).toEqual({ changed: true });
        expect(await w.units.delete(w.namespace, 's', { names: [name] })).toBe(1);
        expect(await refusal(() => w.unit('s', name))).toBe('ErrNoSuchWorkUnit');
      }
      expect(await w.names('s')).toEqual([]);
    });
  });

  describe('names of workers', () => {
    it('are any bytes, kept apart and sorted bytewise', async () => {
      for (const name of [...NAMES].reverse())
        await w.workers.change(w.namespace, name, { update: { mode: `m${name.length}` } });
      const shown = NAMES.filter((name) => name !== ''); // the worker with the empty name is in no listing
      expect((await w.workers.list(w.namespace, {})).map(({ name }) => name)).toEqual(shown);
      for (const name of NAMES) expect((await w.workers.find(w.namespace, name))!.mode).toBe(`m${name.length}`);
    });

    it('of any bytes claim and hold work', async () => {
      await w.spec('s');
      for (const [index, worker] of NAMES.entries()) {
        await w.add('s', `unit ${index}`);
        const attempt = await w.take(worker);
        expect(attempt.worker).toBe(worker);
        expect((await w.attempt(attempt)).worker).toBe(worker);
        expect(await w.activeOf(worker)).toEqual([`s/unit ${index}`]);
      }
    });
  });
}
