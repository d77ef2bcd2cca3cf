import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encode } from '../../../src/cbor/index.js';
import { RetentionPolicy } from '../../../src/domain/retention.js';
import { defineWorkSpec } from '../../../src/domain/work-spec.js';
import { EMPTY_DATA } from '../../../src/domain/data.js';
import type { OpenBackend } from '../../contract/harness.js';
import { openOn } from '../../contract/postgres-harness.js';
import type { TestDatabase } from '../../support/postgres.js';
import { createDatabase } from '../../support/postgres.js';

const START = 1_700_000_000_000_000;
const HOUR = 3_600_000_000;

/** What becomes of the rows of objects that are gone. */
describe('rows of objects that are gone', () => {
  let database: TestDatabase;
  let backend: OpenBackend;

  beforeAll(async () => {
    database = await createDatabase();
    backend = await openOn(database);
  });
  afterAll(() => backend?.close());
  beforeEach(async () => {
    await backend.reset();
    await backend.setClock(START);
  });

  const count = async (table: string): Promise<number> =>
    Number((await database.query(`SELECT count(*) FROM coordinate.${table}`))[0].count);
  const retain = async () => await backend.repositories.maintenance.retain(new RetentionPolicy());

  async function addSpec(name: string, units: number): Promise<void> {
    const { specs, units: repository } = backend.repositories;
    await specs.set('n', defineWorkSpec(encode({ name })));
    const names = Array.from({ length: units }, (_, index) => `u${index}`);
    await repository.add(
      'n',
      name,
      names.map((each) => ({ name: each, data: EMPTY_DATA, priority: 0 })),
    );
  }

  it('are removed in one round of however many objects, and those without rows stand in nobody’s way', async () => {
    const names = Array.from({ length: 150 }, (_, index) => `s${index}`);
    // One after another: of very many at once the last would wait for longer than anybody waits on a busy machine.
    for (const name of names) await addSpec(name, 1);
    expect(await backend.repositories.specs.clear('n')).toBe(150);
    await retain();
    expect(await count('work_unit')).toBe(0);
    await addSpec('later', 3);
    await backend.repositories.specs.delete('n', 'later');
    await retain();
    expect([await count('work_unit'), await count('work_spec_count')]).toEqual([0, 0]);
  });

  it('are looked for once more an hour later, when nobody can add any, and the objects then forgotten', async () => {
    await addSpec('s', 1);
    const [{ id }] = await database.query('SELECT id FROM coordinate.work_spec');
    await backend.repositories.namespaces.destroy('n');
    await retain();
    expect([await count('work_unit'), await count('garbage')]).toEqual([0, 3]);
    await database.query(
      `INSERT INTO coordinate.work_unit (work_spec_id, name, rank, moment, not_before, tries, attempts, status, late, data)
       VALUES ($1, 'late', 0, 0, 0, 0, 0, 0, false, '')`,
      [id],
    );
    await backend.setClock(START + HOUR - 1);
    await retain();
    expect([await count('work_unit'), await count('garbage')]).toEqual([1, 3]);
    await backend.setClock(START + HOUR);
    await retain();
    expect([await count('work_unit'), await count('garbage')]).toEqual([0, 0]);
  });

  it('are not forgotten while another daemon removes them', async () => {
    await addSpec('s', 2000);
    await backend.repositories.specs.delete('n', 's');
    await backend.setClock(START + 2 * HOUR);
    const other = await backend.another!();
    await Promise.all([retain(), other.maintenance.retain(new RetentionPolicy()), retain()]);
    for (let left = 20; left > 0 && (await retain()).more; left--);
    expect([await count('work_unit'), await count('garbage')]).toEqual([0, 0]);
  });
});
