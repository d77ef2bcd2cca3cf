import { beforeAll, describe, expect, it } from 'vitest';
import { encode } from '../../../src/cbor/index.js';
import type { Attempt, AttemptRef } from '../../../src/domain/attempt.js';
import type { Awaitable } from '../../../src/domain/awaitable.js';
import { RetentionPolicy } from '../../../src/domain/retention.js';
import { SECOND } from '../../../src/domain/time.js';
import { defineWorkSpec } from '../../../src/domain/work-spec.js';
import { memoryRepositories } from '../../../src/storage/memory/memory-repositories.js';
import { ManualClock } from '../../contract/memory-harness.js';
import { attemptsOf } from '../../contract/attempts.js';

/** A clock that goes on with every look. */
class RunningClock extends ManualClock {
  override now(): number {
    return super.now() + 7 * this.reads;
  }
}

describe('the clock of the memory backend', () => {
  const clock = new RunningClock();
  const { namespaces, specs, units, attempts, workers, locks, maintenance } = memoryRepositories(clock, {
    random: () => 0,
  });
  const data = encode({ output: ['a', ['b', {}, { delay: 1 }]] });
  const unit = (name: string): { name: string; data: Uint8Array; priority: number; delay: number } => ({
    name,
    data,
    priority: 0,
    delay: 0,
  });
  const make = (workUnit: string): Awaitable<Attempt> =>
    attempts.make('n', { worker: 'w', workSpec: 's', workUnit, lifetime: SECOND });
  let ref: AttemptRef;
  let other: AttemptRef;
  beforeAll(async () => {
    await specs.set('n', defineWorkSpec(encode({ name: 's', then: 's', continuous: true })));
    await units.add('n', 's', ['u', 'v', 'x', 'y', 'z'].map(unit));
    [ref, other] = [await make('u'), await make('v')];
  });

  const operations: [string, () => unknown][] = [
    ['listing namespaces', () => namespaces.summarize()],
    ['setting a spec', () => specs.set('n', defineWorkSpec(encode({ name: 's', then: 's' })))],
    ['reading meta', () => specs.meta('n', 's', true)],
    ['counting', () => specs.counts('n', 's')],
    ['adding units', () => units.add('n', 's', ['p', 'q', 'r'].map(unit))],
    ['reading a unit', () => units.get('n', 's', 'u')],
    ['reading units', () => units.getMany('n', 's', ['u', 'v'])],
    ['listing units', () => units.list('n', 's', {})],
    ['changing a unit', () => units.change('n', 's', 'x', { clear: true, notBefore: 1 })],
    ['setting priorities', () => units.prioritize('n', 's', {}, { to: 1 })],
    ['clearing units', () => units.clear('n', 's', { names: ['x', 'y'] })],
    ['reading a history', () => units.attempts('n', 's', 'u')],
    ['claiming', () => attempts.claim('n', { worker: 'w', units: 3, lifetime: SECOND })],
    ['making an attempt', () => make('z')],
    ['finishing with a chain', () => attempts.change('n', { ref, action: 'finish', data })],
    [
      'many transitions',
      () =>
        attempts.changeMany(
          'n',
          [ref, other].map((one) => ({ ref: one, action: 'fail' })),
        ),
    ],
    [
      'a report',
      () => attempts.report('n', { workSpec: 's', workUnit: 'y', status: 'finished', data, lifetime: SECOND }),
    ],
    ['active attempts', () => attemptsOf(attempts, 'active', 'n', 'w')],
    ['all attempts', () => attemptsOf(attempts, 'all', 'n', 'w')],
    ['child attempts', () => attemptsOf(attempts, 'of children', 'n', 'w')],
    ['reading a worker', () => workers.ensure('n', 'w')],
    ['changing a worker', () => workers.change('n', 'w', { parent: 'p', update: {}, deactivate: true })],
    ['listing workers', () => workers.list('n', { active: true })],
    ['counting workers', () => workers.stats('n')],
    ['what children claimed', () => workers.claimedByChildren('n', 'p')],
    ['locking', () => locks.lock('n', 'me', SECOND, [['a'], ['b']])],
    ['locking some', () => locks.lockSome('n', 'me', SECOND, [['c'], ['d'], ['a']])],
    ['renewing locks', () => locks.renew('n', 'me', SECOND, [['a'], ['b']])],
    ['unlocking', () => locks.unlock('n', 'me', [['a'], ['b']])],
    ['retention', () => maintenance.retain(new RetentionPolicy({ age: 0 }, { age: 0 }, { age: 0 }))],
    ['deleting units', () => units.delete('n', 's', { statuses: ['available'] })],
    ['deleting all units', () => units.delete('n', 's', {})],
  ];
  it.each(operations)('is read once at most by one operation: %s', async (_, operation) => {
    clock.reads = 0;
    await operation();
    expect(clock.reads).toBeLessThanOrEqual(1);
  });

  it('gives a lease its length exactly, though it runs on', async () => {
    await specs.set('n', defineWorkSpec(encode({ name: 's' })));
    await units.add('n', 's', ['1', '2', '3'].map(unit));
    const claim = await attempts.claim('n', { worker: 'new', units: 3, lifetime: SECOND });
    expect(claim.attempts.map(({ start, expiration }) => expiration - start)).toEqual([SECOND, SECOND, SECOND]);
    expect(new Set(claim.attempts.map(({ start }) => start)).size).toBe(1);
    const worker = await workers.ensure('n', 'fresh');
    expect(worker.expiration - worker.lastUpdate).toBe(900 * SECOND);
  });
});
