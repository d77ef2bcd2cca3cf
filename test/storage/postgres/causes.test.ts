import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encode } from '../../../src/cbor/index.js';
import { causeNumber, UNKNOWN } from '../../../src/domain/cause.js';
import { RetentionPolicy } from '../../../src/domain/retention.js';
import type { OpenBackend } from '../../contract/harness.js';
import { openOn } from '../../contract/postgres-harness.js';
import { World } from '../../contract/world.js';
import type { TestDatabase } from '../../support/postgres.js';
import { createDatabase } from '../../support/postgres.js';

const FAILED = 4;
const PENDING = 2;

describe('causes of failures beside a daemon of the version before', () => {
  const w = new World({ lacks: {} });
  let database: TestDatabase;
  let backend: OpenBackend;
  beforeAll(async () => {
    database = await createDatabase();
    backend = await openOn(database);
  });
  afterAll(() => backend.close());
  beforeEach(async () => {
    await w.begin(backend);
    await w.spec('s');
    await w.add('s', 'a', 'b', 'c');
    for (const name of ['a', 'b', 'c']) await w.act(await w.make('w', 's', name), 'fail', { content: { error: 'x' } });
  });

  async function groups(): Promise<string[]> {
    const found = await w.units.failures(w.namespace, 's', 10);
    return found.map(({ cause, count, examples }) => `${cause}: ${count} ${examples.join(',')}`);
  }
  const names = (cause: string) => w.names('s', { failure: causeNumber(cause) });
  const retain = () => w.maintenance.retain(new RetentionPolicy());

  /** What the statements of that version do: they know nothing of the new columns, nor of the counters. */
  async function asBefore(name: string, status: number, attempt: number): Promise<void> {
    await database.query(
      `UPDATE coordinate.work_unit SET status = $2, attempt_number = attempt_number + $3 WHERE name = $1`,
      [Buffer.from(name), status, attempt],
    );
    const [from, to] = status === PENDING ? ['failed', 'pending'] : ['pending', 'failed'];
    await database.query(
      `UPDATE coordinate.work_spec_count SET ${from} = ${from} - 1, ${to} = ${to} + 1
        WHERE (work_spec_id, shard) = (SELECT work_spec_id, min(shard) FROM coordinate.work_spec_count GROUP BY work_spec_id)`,
    );
  }

  it('are not known of what that has failed, whatever was known of the unit before', async () => {
    await asBefore('b', PENDING, 1000);
    await asBefore('b', FAILED, 0);
    expect(await names('x')).toEqual(['a', 'c']);
    expect(await names(UNKNOWN)).toEqual(['b']);
    expect((await w.unit('s', 'b')).failure).toBe(UNKNOWN);
    await retain();
    // Whether a counter is wrong can not be told while there are such.
    expect(await w.units.clear(w.namespace, 's', { failure: causeNumber(UNKNOWN) })).toBe(1);
    await retain();
    expect(await groups()).toEqual(['x: 2 a,c']);
  });

  it('are counted anew where that has given failed units another status', async () => {
    await asBefore('a', PENDING, 1000);
    expect(await names('x')).toEqual(['b', 'c']);
    await retain();
    expect(await groups()).toEqual(['x: 2 b,c']);
    await retain();
    expect(await groups()).toEqual(['x: 2 b,c']);
  });

  it('are forgotten when no unit is failed by them, and counted again when one is', async () => {
    const counters = () =>
      database.query(
        'SELECT c.cause FROM coordinate.work_spec_cause c JOIN coordinate.work_spec s ON s.id = c.work_spec_id',
      );
    expect(await counters()).not.toEqual([]);
    await w.units.clear(w.namespace, 's', {});
    await retain();
    expect(await counters()).toEqual([]);
    await w.attempts.report(w.namespace, {
      workSpec: 's',
      workUnit: 'a',
      status: 'failed',
      data: encode({ error: 'x' }),
      lifetime: 1,
    });
    expect(await groups()).toEqual(['x: 1 a']);
  });
});
