import type pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encode } from '../../../src/cbor/index.js';
import { EMPTY_DATA } from '../../../src/domain/data.js';
import { RetentionPolicy } from '../../../src/domain/retention.js';
import { DEFAULT_LIFETIME } from '../../../src/domain/time.js';
import { defineWorkSpec } from '../../../src/domain/work-spec.js';
import type { StoreRepositories } from '../../contract/postgres-harness.js';
import type { TestDatabase } from '../../support/postgres.js';
import { BesideAnother } from './beside-another.js';

/** What happens when another transaction ends just while one of ours waits for it. */
describe('a change that had to wait', () => {
  let beside: BesideAnother;
  let database: TestDatabase;
  let own: StoreRepositories;
  let other: pg.Client;

  beforeEach(async () => {
    beside = await BesideAnother.start('s', 't');
    ({ database, own, other } = beside);
  });
  afterEach(() => beside.stop());

  it('destroys a namespace with the spec that was being added to it', async () => {
    await other.query('BEGIN');
    await other.query('SELECT 1 FROM coordinate.namespace FOR KEY SHARE');
    await other.query(`INSERT INTO coordinate.work_spec SELECT (jsonb_populate_record(s,
      jsonb_build_object('id', nextval('coordinate.object_id'), 'history_id', nextval('coordinate.object_id'), 'name', '\\x78'))).* FROM coordinate.work_spec s LIMIT 1`);
    const destroyed = own.namespaces.destroy('');
    await beside.waits(1);
    await other.query('COMMIT');
    expect(await destroyed).toBe(true);
    expect(await database.query('SELECT * FROM coordinate.work_spec')).toEqual([]);
  });

  it('is begun again after a deadlock, and nobody hears of that', async () => {
    // Whoever waits longer than the other sees the deadlock: that is to be ours.
    await other.query(`SET deadlock_timeout = '1min'`);
    await other.query('BEGIN');
    await other.query(`SELECT 1 FROM coordinate.work_spec WHERE name = 't' FOR UPDATE`);
    const cleared = own.specs.clear('');
    await beside.waits(1);
    const locked = other.query(`SELECT 1 FROM coordinate.work_spec WHERE name = 's' FOR UPDATE`);
    await locked;
    await other.query('COMMIT');
    expect(await cleared).toBe(2);
  });

  const worker = (name: string) =>
    database.query(`SELECT parent FROM coordinate.worker WHERE name = $1`, [Buffer.from(name)]);

  it('of a worker whose record retention is removing keeps its parent', async () => {
    const heartbeat = () =>
      own.workers.change('', 'child', { parent: 'parent', update: { lifetime: DEFAULT_LIFETIME } });
    await heartbeat();
    await other.query('BEGIN');
    await other.query(`DELETE FROM coordinate.worker WHERE name = 'child'`);
    const beating = heartbeat();
    await beside.waits(1);
    await other.query('COMMIT');
    await beating;
    expect(await worker('child')).toEqual([{ parent: Buffer.from('parent') }]);
  });

  it('leaves a worker whose first child is being recorded', async () => {
    await own.workers.change('', 'parent', { update: { lifetime: 0 } });
    await other.query('BEGIN');
    await other.query('SELECT 1 FROM coordinate.namespace FOR NO KEY UPDATE');
    await other.query(`INSERT INTO coordinate.worker SELECT (jsonb_populate_record(w,
      '{"name": "\\\\x6368696c64", "parent": "\\\\x706172656e74"}')).* FROM coordinate.worker w`);
    const removing = own.maintenance.retain(new RetentionPolicy({}, {}, { count: 0 }));
    await Promise.race([removing, beside.waits(1)]);
    await other.query('COMMIT');
    await removing;
    expect(await worker('parent')).toHaveLength(1);
  });

  it('that gives a spec a limit counts what claims have begun that know of none', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const units = names.map((name) => ({ name, data: EMPTY_DATA, priority: 0 }));
    const claim = async (count: number) => {
      const request = { worker: 'w', units: count, lifetime: DEFAULT_LIFETIME };
      return (await own.attempts.claim('', request)).attempts.length;
    };
    const define = (fields: object) => own.specs.set('', defineWorkSpec(encode({ name: 's', ...fields })));
    const control = (maxRunning: number) => own.specs.changeMeta('', 's', { maxRunning });
    const limits = [() => define({ max_running: 2 }), () => control(2)];
    for (const [limit, isStraight] of limits.flatMap((each) => [[each, false] as const, [each, true] as const])) {
      await own.units.delete('', 's', {});
      await define({});
      await own.units.add('', 's', units);
      // The first claim goes the general way, those after it the straight one.
      if (isStraight) expect(await claim(1)).toBe(1);
      // The counters that the claim is to come to, whichever they are.
      await database.query(`INSERT INTO coordinate.work_spec_count SELECT s.id, i, 0, 0, 0, 0, 0, 0
        FROM coordinate.work_spec s, generate_series(0, 7) i ON CONFLICT DO NOTHING`);
      await other.query('BEGIN');
      await other.query('SELECT 1 FROM coordinate.work_spec_count FOR UPDATE');
      const claiming = claim(2);
      await beside.waits(1);
      const limiting = limit();
      await beside.waits(2);
      await other.query('COMMIT');
      expect(await claiming).toBe(2);
      await limiting;
      expect(await claim(6)).toBe(0);
      await database.query('DELETE FROM coordinate.worker');
    }
  });
});
