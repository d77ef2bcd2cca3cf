import { beforeEach, describe, expect, it } from 'vitest';
import { AttemptsService } from '../../src/attempts/attempts.service.js';
import { SystemClock } from '../../src/domain/time.js';
import { NamespacesService } from '../../src/namespaces/namespaces.service.js';
import { WorkSpecsService } from '../../src/work-specs/work-specs.service.js';
import { WorkUnitsService } from '../../src/work-units/work-units.service.js';
import { WorkersService } from '../../src/workers/workers.service.js';
import { data, refusal } from '../contract/data.js';
import { memoryHarness } from '../contract/memory-harness.js';
import { LEASE, World } from '../contract/world.js';

// What services see to before any storage is asked is the same on all of them, so that one is enough.
const w = new World(memoryHarness);
beforeEach(async () => w.begin(await memoryHarness.open()));

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
    const service = new WorkUnitsService(w.units, w.specs);
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
