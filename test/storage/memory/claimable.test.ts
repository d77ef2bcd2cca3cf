import { afterEach, expect, it, vi } from 'vitest';
import { encode } from '../../../src/cbor/index.js';
import { MINUTE, SECOND } from '../../../src/domain/time.js';
import { defineWorkSpec } from '../../../src/domain/work-spec.js';
import { Claimable } from '../../../src/storage/memory/claimable.js';
import { SpecState } from '../../../src/storage/memory/spec-state.js';
import { memoryRepositories } from '../../../src/storage/memory/memory-repositories.js';
import { ManualClock } from '../../contract/memory-harness.js';

afterEach(() => vi.restoreAllMocks());

it('a claim looks only at specs of which something has changed or run out', async () => {
  const clock = new ManualClock();
  const r = memoryRepositories(clock, { random: () => 0 });
  const SPECS = 200;
  for (let i = 0; i < SPECS; i++) await r.specs.set('', defineWorkSpec(encode({ name: `s${i}` })));
  const looks = vi.spyOn(Claimable.prototype, 'refresh');
  const looked = async (action: () => unknown): Promise<number> => {
    looks.mockClear();
    await action();
    return looks.mock.calls.length;
  };
  const claim = async (): Promise<string | undefined> =>
    (await r.attempts.claim('', { worker: 'w', units: 1, lifetime: MINUTE })).workSpec;
  expect(await looked(claim)).toBe(SPECS);
  expect(await looked(claim)).toBe(0);
  await r.units.add('', 's7', [{ name: 'u', data: encode({}), priority: 0 }]);
  await r.specs.changeMeta('', 's8', { weight: 3 });
  expect(await looked(async () => expect(await claim()).toBe('s7'))).toBe(2);
  expect(await looked(claim)).toBe(1);
  clock.time += MINUTE;
  expect(await looked(async () => expect(await claim()).toBe('s7'))).toBe(1);
  await r.specs.delete('', 's7');
  clock.time -= SECOND;
  expect(await looked(async () => expect(await claim()).toBeUndefined())).toBe(SPECS - 1);
});

it('what a spec waits for is looked at only when one of those has come to rest or is no longer', async () => {
  const r = memoryRepositories(new ManualClock());
  const steps = Array.from({ length: 50 }, (_, i) => `step ${i}`);
  for (const name of steps) await r.specs.set('', defineWorkSpec(encode({ name })));
  const unit = { name: 'u', data: encode({}), priority: 0 };
  for (let i = 0; i < 50; i++) {
    await r.specs.set('', defineWorkSpec(encode({ name: `last ${i}`, flow: { after: steps } })));
    await r.units.add('', `last ${i}`, [unit]);
  }
  await r.units.add('', 'step 7', [unit]);
  const looks = vi.spyOn(SpecState.prototype, 'isAtRestAt');
  const claim = async (): Promise<string | undefined> =>
    (await r.attempts.claim('', { worker: 'w', units: 1, lifetime: MINUTE, workSpecs: ['last 3', 'last 4'] })).workSpec;
  expect(await claim()).toBeUndefined();
  expect(looks).toHaveBeenCalledTimes(2 * steps.length);
  looks.mockClear();
  for (let times = 0; times < 3; times++) {
    await r.units.add('', 'last 3', [{ ...unit, name: `u${times}` }]);
    expect(await claim()).toBeUndefined();
    const { specs } = await r.overview.read('');
    expect(specs.filter(({ waitingFor }) => waitingFor.includes('step 7'))).toHaveLength(50);
  }
  expect(looks).toHaveBeenCalledTimes(48 * steps.length);
  await r.units.delete('', 'step 7', { names: ['u'] });
  expect(await claim()).toMatch(/^last [34]$/);
});

it('a claim among very many specs costs about as much as one among many', async () => {
  const costOfClaim = async (specs: number): Promise<number> => {
    const r = memoryRepositories(new ManualClock());
    for (let i = 0; i < specs; i++) {
      await r.specs.set('', defineWorkSpec(encode({ name: `s${i}`, weight: 1 + (i % 5) })));
      await r.units.add('', `s${i}`, [{ name: 'a', data: encode({}), priority: 0 }]);
    }
    const costs: number[] = [];
    for (let batch = 0; batch < 6; batch++) {
      const before = process.cpuUsage();
      for (let i = 0; i < 40; i++) {
        const { attempts } = await r.attempts.claim('', { worker: 'w', units: 1, lifetime: MINUTE });
        expect(attempts).toHaveLength(1);
      }
      const { user, system } = process.cpuUsage(before);
      costs.push(user + system);
    }
    return Math.min(...costs);
  };
  await costOfClaim(300); // compiles the code
  expect((await costOfClaim(3_000)) / (await costOfClaim(300))).toBeLessThan(6);
});
