import { describe, expect, it } from 'vitest';
import { AttemptsService } from '../../../src/attempts/attempts.service.js';
import { SystemClock } from '../../../src/domain/time.js';
import { NamespacesService } from '../../../src/namespaces/namespaces.service.js';
import { WorkSpecsService } from '../../../src/work-specs/work-specs.service.js';
import { WorkUnitsService } from '../../../src/work-units/work-units.service.js';
import { WorkersService } from '../../../src/workers/workers.service.js';
import { data, refusal } from '../data.js';
import type { World } from '../world.js';
import { LEASE } from '../world.js';

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

  describe('a name of more than 1,024 bytes', () => {
    const long = 'x'.repeat(1025);
    const fits = 'x'.repeat(1024);

    it('is refused for a namespace', async () => {
      const service = new NamespacesService(w.namespaces);
      expect(await refusal(() => service.ensure(long))).toBe('invalid namespace');
      expect(await refusal(() => service.ensure('é'.repeat(513)))).toBe('invalid namespace');
      expect(await w.namespaces.list()).toEqual([]);
      await service.ensure('é'.repeat(512));
      expect(await w.namespaces.list()).toEqual(['é'.repeat(512)]);
    });

    it('is refused for a work spec, and its namespace', async () => {
      const service = new WorkSpecsService(w.specs);
      expect(await refusal(() => service.set(w.namespace, data({ name: long })))).toBe('invalid name');
      expect(await refusal(() => service.set(long, data({ name: 's' })))).toBe('invalid namespace');
      expect(await w.specs.list(w.namespace)).toEqual([]);
      await service.set(w.namespace, data({ name: fits }));
      expect(await w.specs.find(w.namespace, fits)).toBeDefined();
    });

    it('is refused for a work unit, and then none is added', async () => {
      const service = new WorkUnitsService(w.units);
      await w.spec('s');
      const unit = (name: string): { name: string; data: Uint8Array; priority: number } => ({
        name,
        data: data({}),
        priority: 0,
      });
      expect(await refusal(() => service.add(w.namespace, 's', [unit('a'), unit(long)]))).toMatch(/^invalid /);
      expect(await w.names('s')).toEqual([]);
      await service.add(w.namespace, 's', [unit('a'), unit(fits)]);
      expect(await w.names('s')).toEqual(['a', fits]);
    });

    it('is refused for a worker wherever one is named', async () => {
      await w.spec('s');
      await w.add('s', 'u');
      const workers = new WorkersService(w.workers, new SystemClock());
      const attempts = new AttemptsService(w.attempts, w.units, w.workers);
      const report = { workSpec: 's', workUnit: 'u', status: 'finished', lifetime: LEASE } as const;
      const uses = [
        () => workers.ensure(w.namespace, long),
        () => workers.change(w.namespace, long, { update: {} }),
        () => attempts.claim(w.namespace, { worker: long, units: 1, lifetime: LEASE }),
        () => attempts.make(w.namespace, { worker: long, workSpec: 's', workUnit: 'u', lifetime: LEASE }),
        () => attempts.report(w.namespace, { ...report, worker: long }),
      ];
      for (const use of uses) expect(await refusal(use)).toMatch(/^invalid worker/);
      expect(await refusal(() => workers.change(w.namespace, 'w', { parent: long }))).toBe('invalid parent');
      expect(await w.workers.list(w.namespace, {})).toEqual([]);
      expect(await w.status('s', 'u')).toBe('available');
      await workers.change(w.namespace, fits, { parent: 'p'.repeat(1024) });
      expect((await w.workers.find(w.namespace, fits))!.parent).toBe('p'.repeat(1024));
    });
  });
}
