import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Encodable } from '../../../src/cbor/index.js';
import { refusal } from '../../contract/data.js';
import type { OpenBackend } from '../../contract/harness.js';
import { openOn, POSTGRES_LACKS } from '../../contract/postgres-harness.js';
import { World } from '../../contract/world.js';
import { Connection } from '../../../src/storage/postgres/wire/connection.js';
import { createDatabase } from '../../support/postgres.js';

/** More units than one statement is to write, some of them twice. */
const NAMES = Array.from({ length: 5200 }, (_, index) => `u${index % 5100}`);
const OUTPUT: Encodable = NAMES.map((name, index) => [name, { index }]);

/** What takes long on PostgreSQL: very many units that are added or chained by one request. */
describe('very many units of one request', () => {
  const w = new World({ lacks: POSTGRES_LACKS });
  let backend: OpenBackend;
  beforeAll(async () => {
    backend = await openOn(await createDatabase());
  });
  afterAll(() => backend?.close());
  beforeEach(async () => {
    await w.begin(backend);
    await w.spec('s', { then: 't' });
    await w.spec('t');
    await w.add('s', 'long', 'short');
  });

  /** What is done beside others, and how often somebody saw a part of it. */
  async function beside(long: Promise<unknown>, spec: string): Promise<number[]> {
    const seen = new Set<number>();
    let over = false;
    const done = long.finally(() => (over = true));
    while (!over) seen.add((await w.names(spec)).length);
    await done;
    return [...seen, (await w.names(spec)).length];
  }

  const expectAll = async (spec: string, already = 0): Promise<void> => {
    expect(await w.counts(spec)).toEqual({ available: 5100 + already });
    expect(await w.data(spec, 'u99')).toEqual({ index: 5199 });
    expect(await w.data(spec, 'u100')).toEqual({ index: 100 });
  };

  it.each([
    ['given with the report', true],
    ['stored with the unit', false],
  ])('are chained in one step, and other reports go on (output %s)', async (_, isGiven) => {
    const content = { output: OUTPUT };
    if (!isGiven) await w.add('s', { name: 'long', data: content });
    const [short, long] = [await w.make('w', 's', 'short'), await w.make('w', 's', 'long')];
    const ended: string[] = [];
    const sent = vi.spyOn(Connection.prototype, 'run');
    const chaining = w.act(long, 'finish', isGiven ? { content } : {}).then(() => ended.push('long'));
    while (sent.mock.calls.length === 0) await new Promise(setImmediate);
    sent.mockRestore();
    const seen = beside(chaining, 't');
    await w.act(short, 'finish').then(() => ended.push('short'));
    expect((await seen).every((count) => count === 0 || count === 5100)).toBe(true);
    expect(ended).toEqual(['short', 'long']);
    expect(await w.counts('s')).toEqual({ finished: 2 });
    await expectAll('t');
  });

  it('are added in one step', async () => {
    await w.add('t', { name: 'u99', data: { old: true } }, 'other');
    const seen = await beside(w.add('t', ...NAMES.map((name, index) => ({ name, data: { index } }))), 't');
    expect(seen.every((count) => count === 2 || count === 5101)).toBe(true);
    await expectAll('t', 1);
  });

  it('are all gone when their spec goes while they are added', async () => {
    const adding = w.add('t', ...NAMES);
    const deleting = w.specs.delete(w.namespace, 't');
    expect(['done', 'ErrNoSuchWorkSpec']).toContain(await refusal(() => adding));
    expect(await deleting).toBe(true);
    await w.spec('t');
    expect(await w.names('t')).toEqual([]);
  });
});
