import { beforeEach, describe, expect, it } from 'vitest';
import { AttemptsService } from '../../src/attempts/attempts.service.js';
import type { Encodable } from '../../src/cbor/index.js';
import type { LockPath } from '../../src/domain/lock.js';
import { SECOND } from '../../src/domain/time.js';
import { LocksService } from '../../src/locks/locks.service.js';
import { WorkSpecsService } from '../../src/work-specs/work-specs.service.js';
import { data, hex, refusal } from '../contract/data.js';
import { memoryHarness } from '../contract/memory-harness.js';
import { LEASE, World } from '../contract/world.js';

const w = new World(memoryHarness);
beforeEach(async () => w.begin(await memoryHarness.open()));

describe('how many units a claim takes', () => {
  it('is one where a number below 1 is asked for', async () => {
    await w.spec('s');
    await w.add('s', 'a', 'b', 'c');
    const service = new AttemptsService(w.attempts, w.units, w.workers);
    for (const units of [0, -5]) {
      const claim = await service.claim(w.namespace, { worker: 'w', units, lifetime: LEASE });
      expect(claim.attempts).toHaveLength(1);
    }
  });
});

describe('a work spec', () => {
  const names = async (): Promise<string[]> => (await w.specs.list(w.namespace)).map(({ name }) => name);

  it('its name can not change', async () => {
    const service = new WorkSpecsService(w.specs);
    await service.set(w.namespace, data({ name: 's', x: 1 }));
    const redefine = (fields: Record<string, Encodable>) => () => service.redefine(w.namespace, 's', data(fields));
    expect(await refusal(redefine({ name: 't' }))).toBe('ErrChangedName');
    expect(await refusal(redefine({ x: 2 }))).toBe('ErrNoWorkSpecName');
    expect(await refusal(redefine({ name: 5 }))).toBe('ErrBadWorkSpecName');
    expect(await names()).toEqual(['s']);
    expect(hex((await service.stored.find(w.namespace, 's'))!.data)).toBe(hex(data({ name: 's', x: 1 })));
    expect(await refusal(redefine({ name: 's', x: 2 }))).toBe('done');
    expect(hex((await service.stored.find(w.namespace, 's'))!.data)).toBe(hex(data({ name: 's', x: 2 })));
  });

  it('one without a name, or with one that is no string, is not set', async () => {
    const service = new WorkSpecsService(w.specs);
    expect(await refusal(() => service.set(w.namespace, data({})))).toBe('ErrNoWorkSpecName');
    expect(await refusal(() => service.set(w.namespace, data({ name: [] })))).toBe('ErrBadWorkSpecName');
    expect(await names()).toEqual([]);
  });
});

describe('locks', () => {
  const paths = (...names: string[]): LockPath[] => names.map((name) => [name]);
  const read = async (name: string): Promise<(string | undefined)[]> => await w.locks.read(w.namespace, paths(name));

  it.each([
    [undefined, 60],
    [0, 60],
    [-5, 60],
    [2, 2],
    [1_000_000, 1_000_000],
    [1_000_001, 1_000_000],
  ])('with a timeout of %s seconds last %d', async (timeout, lasts) => {
    const service = new LocksService(w.locks);
    const micros = timeout === undefined ? undefined : timeout * SECOND;
    expect(await service.lock(w.namespace, 'me', micros, paths('a'))).toBeUndefined();
    expect(await service.lockSome(w.namespace, 'me', micros, paths('b'))).toEqual([true]);
    await w.advance(lasts * SECOND - 1);
    expect(await service.stored.read(w.namespace, paths('a', 'b'))).toEqual(['me', 'me']);
    await service.renew(w.namespace, 'me', micros, paths('a'));
    await w.advance(1);
    expect(await service.stored.read(w.namespace, paths('a', 'b'))).toEqual(['me', undefined]);
    await w.advance(lasts * SECOND - 1);
    expect(await service.stored.read(w.namespace, paths('a'))).toEqual([undefined]);
  });

  it.each([0.3, 1.7, 123_456.7])('with a timeout of %d microseconds last no less, in whole ones', async (timeout) => {
    const service = new LocksService(w.locks);
    expect(await service.lock(w.namespace, 'me', timeout, paths('a'))).toBeUndefined();
    expect(await service.renew(w.namespace, 'me', timeout, paths('a'))).toBeUndefined();
    await w.advance(Math.floor(timeout));
    expect(await read('a')).toEqual(['me']);
    await w.advance(1);
    expect(await read('a')).toEqual([undefined]);
  });
});
