import { beforeEach, describe, expect, it } from 'vitest';
import { encode } from '../../../src/cbor/index.js';
import { MemoryFullError } from '../../../src/domain/errors.js';
import { MINUTE, SECOND } from '../../../src/domain/time.js';
import { defineWorkSpec } from '../../../src/domain/work-spec.js';
import { ProcessMemory } from '../../../src/storage/process-memory.js';
import { memoryRepositories } from '../../../src/storage/memory/memory-repositories.js';
import { ManualClock } from '../../contract/memory-harness.js';
import type { Repositories } from '../../contract/harness.js';

const DATA = encode({ text: 'x'.repeat(10_000) });

describe('while the memory is full', () => {
  let memory: ProcessMemory;
  let r: Repositories;
  let clock: ManualClock;
  beforeEach(async () => {
    memory = new ProcessMemory();
    clock = new ManualClock();
    r = memoryRepositories(clock, { random: () => 0, memory });
    await r.specs.set('', defineWorkSpec(encode({ name: 's', then: 't' })));
    await r.specs.set('', defineWorkSpec(encode({ name: 't' })));
    await r.units.add(
      '',
      's',
      ['a', 'b', 'c'].map((name) => ({ name, data: DATA, priority: 0 })),
    );
    await r.workers.change('', 'known', { update: { data: DATA } });
    memory.limit = memory.bytes - 1;
  });

  async function refused(action: () => unknown): Promise<void> {
    await expect((async () => await action())()).rejects.toThrow(MemoryFullError);
    await expect((async () => await action())()).rejects.toThrow(/-max-memory/);
  }
  const unit = { name: 'd', data: encode({}), priority: 0 };
  const claim = async (worker: string) => (await r.attempts.claim('', { worker, units: 1, lifetime: MINUTE })).attempts;

  it('who waits for a continuous spec hears of it when there is room again', async () => {
    memory.limit = Number.MAX_SAFE_INTEGER;
    await r.specs.set('c', defineWorkSpec(encode({ name: 'own', continuous: true })));
    memory.limit = memory.bytes - 1;
    const heard: (string | undefined)[] = [];
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    r.feed.tell({ claimable: (_namespace, workSpec) => void heard.push(workSpec), lookIn: () => undefined });
    r.feed.watch('c');
    await turn();
    expect(heard).toEqual([]);
    memory.limit = Number.MAX_SAFE_INTEGER;
    clock.time += SECOND;
    r.feed.look();
    await turn();
    expect(heard).toEqual(['own']);
    r.feed.unwatch('c');
  });

  it('nothing that is refused makes a namespace', async () => {
    await refused(() => r.specs.set('new', defineWorkSpec(encode({ name: 's' }))));
    await refused(() => r.workers.ensure('new', 'w'));
    await refused(() => r.workers.change('new', 'w', { update: {} }));
    expect(await r.namespaces.list()).toEqual(['']);
  });

  it('nothing is added, and nothing of what was refused is there', async () => {
    await refused(() => r.units.add('', 's', [unit]));
    await refused(() => r.units.add('', 's', [{ ...unit, name: 'a' }]));
    await refused(() => r.specs.set('', defineWorkSpec(encode({ name: 'u' }))));
    await refused(() => r.specs.set('', defineWorkSpec(encode({ name: 't', more: 'x' }))));
    await refused(() => r.namespaces.ensure('n'));
    await refused(() => r.workers.ensure('', 'new'));
    await refused(() => r.workers.change('', 'known', { parent: 'new' }));
    await refused(() => r.workers.change('', 'known', { update: { data: Buffer.concat([DATA, DATA]) } }));
    await refused(() => r.locks.lock('', 'me', MINUTE, [['a', 'b']]));
    expect(await r.units.listNames('', 's', {})).toEqual(['a', 'b', 'c']);
    expect((await r.specs.list('')).map(({ name }) => name)).toEqual(['s', 't']);
    expect(await r.namespaces.list()).toEqual(['']);
    expect((await r.workers.list('', {})).map(({ name }) => name)).toEqual(['known']);
    expect(await r.locks.read('', [['a', 'b']])).toEqual([undefined]);
  });

  it('what is known lives on, and what there is can be claimed, ended and deleted', async () => {
    await r.workers.change('', 'known', { update: { data: encode({}), mode: 'run' } });
    const [a] = await claim('known');
    const [b] = await claim('one who is new');
    const [c] = await claim('known');
    expect([a, b, c].map(({ workUnit }) => workUnit)).toEqual(['a', 'b', 'c']);
    await r.attempts.change('', { ref: a, action: 'renew', duration: MINUTE });
    await r.attempts.change('', { ref: a, action: 'finish', data: encode({ done: true }) });
    await r.attempts.change('', { ref: b, action: 'fail', data: DATA });
    expect(await r.attempts.report('', { workSpec: 's', workUnit: 'c', status: 'finished', lifetime: MINUTE })).toEqual(
      {
        changed: true,
      },
    );
    expect(await r.specs.counts('', 's')).toMatchObject({ finished: 2, failed: 1 });
    expect(await r.units.clear('', 's', {})).toBe(3);
    expect(await r.units.delete('', 's', {})).toBe(3);
    expect(await r.specs.delete('', 's')).toBe(true);
    expect(await r.namespaces.destroy('')).toBe(true);
  });

  it('who is new and gets nothing is not recorded', async () => {
    await r.units.delete('', 's', {});
    memory.limit = memory.bytes - 1;
    expect(await claim('one who is new')).toEqual([]);
    expect(await r.workers.find('', 'one who is new')).toBeUndefined();
    expect(await claim('known')).toEqual([]);
  });

  it('an attempt with outputs can not finish, stays pending, and can when there is room', async () => {
    const [attempt] = await claim('known');
    const finish = { ref: attempt, action: 'finish', data: encode({ output: ['x', 'y'] }) } as const;
    const report = { workSpec: 's', workUnit: 'a', status: 'finished', data: finish.data, lifetime: MINUTE } as const;
    await refused(() => r.attempts.change('', finish));
    await refused(() => r.attempts.report('', report));
    expect((await r.attempts.get('', attempt)).status).toBe('pending');
    expect(await r.attempts.changeMany('', [finish])).toEqual([expect.any(MemoryFullError)]);
    memory.limit = Infinity;
    await r.attempts.change('', finish);
    expect(await r.units.listNames('', 't', {})).toEqual(['x', 'y']);
  });

  it('one that comes home late, of a worker that had none, has not begun when it can not finish', async () => {
    const report = { workSpec: 's', workUnit: 'a', status: 'finished', lifetime: MINUTE, worker: 'known' } as const;
    await refused(() => r.attempts.report('', { ...report, data: encode({ output: ['x'] }) }));
    expect((await r.units.get('', 's', 'a')).status).toBe('available');
    expect(await r.units.attempts('', 's', 'a')).toEqual([]);
  });

  it('reports may bring data into a reserve, and no more', async () => {
    const [attempt] = await claim('known');
    memory.limit = memory.bytes - 1000;
    await r.attempts.change('', { ref: attempt, action: 'renew', duration: MINUTE, data: DATA });
    memory.limit = Math.floor(memory.bytes / 1.2);
    await refused(() => r.attempts.change('', { ref: attempt, action: 'finish', data: DATA }));
    expect((await r.attempts.get('', attempt)).status).toBe('pending');
    await r.attempts.change('', { ref: attempt, action: 'finish' });
  });

  it('no continuous unit is made', async () => {
    memory.limit = Infinity;
    await r.units.delete('', 's', {});
    await r.specs.set('', defineWorkSpec(encode({ name: 'c', continuous: true })));
    memory.limit = memory.bytes - 1;
    expect(await claim('known')).toEqual([]);
    memory.limit = Infinity;
    expect(await claim('known')).toHaveLength(1);
  });
});
