import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RetentionPolicy } from '../../../src/domain/retention.js';
import { MINUTE } from '../../../src/domain/time.js';
import { EMPTY_DATA } from '../../../src/domain/data.js';
import { attemptsOf } from '../../contract/attempts.js';
import { BesideAnother } from './beside-another.js';

/** What retention does while a transaction of somebody else holds rows. */
describe('retention beside other transactions', () => {
  let beside: BesideAnother;
  beforeEach(async () => {
    beside = await BesideAnother.start('s');
  });
  afterEach(() => beside.stop());

  /** Units that end one after another, in the order of their names. */
  async function end(count: number): Promise<void> {
    const names = Array.from({ length: count }, (_, index) => `u${index}`);
    await beside.own.units.add(
      '',
      's',
      names.map((name) => ({ name, data: EMPTY_DATA, priority: 0 })),
    );
    const { attempts } = await beside.own.attempts.claim('', { worker: 'w', units: count, lifetime: MINUTE });
    for (const ref of attempts) await beside.own.attempts.change('', { ref, action: 'finish' });
  }
  const keepFive = new RetentionPolicy({ count: 5 });
  const names = async (): Promise<string[]> => await beside.own.units.listNames('', 's', {});

  it('does not take newer units in the place of old ones that are held', async () => {
    await end(9);
    await beside.other.query('BEGIN');
    await beside.other.query(`SELECT 1 FROM coordinate.work_unit WHERE name IN ('u0', 'u1', 'u2') FOR UPDATE`);
    expect(await beside.own.maintenance.retain(keepFive)).toMatchObject({ units: 1, more: false });
    expect(await names()).toEqual(['u0', 'u1', 'u2', 'u4', 'u5', 'u6', 'u7', 'u8']);
    await beside.other.query('COMMIT');
    expect(await beside.own.maintenance.retain(keepFive)).toMatchObject({ units: 3 });
    expect(await names()).toEqual(['u4', 'u5', 'u6', 'u7', 'u8']);
  });

  it('leaves a lock that is being renewed, and does not wait for that', async () => {
    await beside.own.locks.lock('', 'me', 1, [['a']]);
    await beside.other.query('BEGIN');
    await beside.other.query('UPDATE coordinate.lock SET until = coordinate.now_micros() + 60000000');
    await beside.own.maintenance.retain(new RetentionPolicy());
    await beside.other.query('COMMIT');
    expect(await beside.own.locks.read('', [['a']])).toEqual(['me']);
  });

  it('leaves a worker that is beginning an attempt', async () => {
    await end(1);
    await beside.own.workers.change('', 'w', { update: { lifetime: 0 } });
    await beside.own.units.clear('', 's', {});
    await beside.other.query('BEGIN');
    await beside.other.query('SELECT 1 FROM coordinate.work_spec_count FOR UPDATE');
    const made = beside.own.attempts.make('', { worker: 'w', workSpec: 's', workUnit: 'u0', lifetime: MINUTE });
    await beside.waits(1);
    await beside.own.maintenance.retain(new RetentionPolicy({}, {}, { age: 0 }));
    await beside.other.query('COMMIT');
    await made;
    expect((await attemptsOf(beside.own.attempts, 'active', '', 'w')).map(({ workUnit }) => workUnit)).toEqual(['u0']);
  });
});
