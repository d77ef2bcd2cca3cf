import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { causeId, causeNumber } from '../../src/domain/cause.js';
import { MOST_LOOKS } from '../../src/domain/work-unit.js';
import { RestApp } from './app.js';

const SPEC = '/namespace/n/work_spec/s';
const UNITS = `${SPEC}/work_unit`;

let rest: RestApp;
beforeAll(async () => {
  rest = await RestApp.start();
});
afterAll(() => rest.stop());
beforeEach(async () => {
  await rest.delete('/namespace/n');
  await rest.post('/namespace/n/work_spec', { data: { name: 's' } });
});

interface Failures {
  failures: Record<string, unknown>[];
}

const idOf = (cause: string): string => causeId(causeNumber(cause));
const failures = async (query = '') => ((await rest.get(`${SPEC}/failures${query}`)).json as Failures).failures;

/** Adds units, and fails each with a body. */
async function fail(body: object, ...names: string[]): Promise<void> {
  await rest.post(`${SPEC}/add`, { work_units: names.map((name) => ({ name })) });
  for (const work_unit of names) {
    const { json } = await rest.post('/namespace/n/worker/w/make_attempt', { work_spec: 's', work_unit });
    expect((await rest.post((json as { fail_url: string }).fail_url, body)).status).toBe(204);
  }
}

async function names(query: string): Promise<string[]> {
  const { json } = await rest.get(`${UNITS}?${query}`);
  return (json as { work_units: { name: string }[] }).work_units.map(({ name }) => name);
}

describe('failures', () => {
  it('are listed by how many units they stopped, with links', async () => {
    await fail({ data: { traceback: 'no answer from 10.0.0.1' } }, 'a b');
    await fail({ data: { traceback: 'no answer from 10.0.0.2' } }, 'b');
    await fail({ cause: 'mine', data: { traceback: 'x' } }, 'c');
    const id = idOf('no answer from <number>');
    expect(await failures()).toEqual([
      {
        id,
        cause: 'no answer from <number>',
        count: 2,
        first: '2026-01-02T03:04:05.678901Z',
        last: '2026-01-02T03:04:05.678901Z',
        example: [`${UNITS}/-YSBi`, `${UNITS}/b`],
        work_units_url: `${UNITS}?failure=${id}`,
        retry_url: `${SPEC}/retry?failure=${id}`,
      },
      expect.objectContaining({ id: idOf('mine'), cause: 'mine', count: 1 }),
    ]);
    expect(await failures('?limit=1')).toHaveLength(1);
    expect((await rest.get(`${UNITS}/b`)).json).toMatchObject({ status: 'failed', failure: id });
    expect((await rest.get('/namespace/n/work_spec/t/failures')).status).toBe(404);
  });

  it('select units in lists, in windows, and in what changes or deletes them', async () => {
    await fail({ cause: 'x' }, 'a', 'b', 'c', 'd');
    await fail({ cause: 'y' }, 'e');
    const failure = idOf('x');
    expect(await names(`failure=${failure}`)).toEqual(['a', 'b', 'c', 'd']);
    const page = (await rest.get(`${UNITS}?failure=${failure}&limit=2&include=attempt`)).json as {
      work_units: object[];
      next_url: string;
    };
    expect(page.work_units).toEqual([
      expect.objectContaining({ name: 'a', failure }),
      expect.objectContaining({ name: 'b', failure }),
    ]);
    expect((await rest.get(page.next_url)).json).toMatchObject({ work_units: [{ name: 'c' }, { name: 'd' }] });
    const query = `failure=${failure}&previous=a&limit=1`;
    expect((await rest.post(`${SPEC}/adjust?${query}`, { meta: { priority: 4 } })).status).toBe(204);
    expect((await rest.get(`${UNITS}/b`)).json).toMatchObject({ meta: { priority: 4 } });
    expect((await rest.post(`${SPEC}/retry?${query}`)).json).toEqual({ Retried: 1 });
    expect((await rest.delete(`${UNITS}?failure=${failure}`)).json).toEqual({ Deleted: 3 });
    expect((await rest.post(`${SPEC}/retry?failure=${failure}`)).json).toEqual({ Retried: 0 });
    expect(await names('status=failed')).toEqual(['e']);
  });

  it('are asked for by an id, and named by a text', async () => {
    const { status, json } = await rest.get(`${UNITS}?failure=x`);
    expect([status, json]).toMatchObject([400, { details: [{ field: 'failure' }] }]);
    await rest.post(UNITS, { name: 'u' });
    const made = await rest.post('/namespace/n/worker/w/make_attempt', { work_spec: 's', work_unit: 'u' });
    const { fail_url: url, url: attempt } = made.json as Record<string, string>;
    expect((await rest.post(url, { cause: 7 })).json).toMatchObject({ details: [{ field: 'cause' }] });
    const outcome = { url: attempt, outcome: 'failed', cause: `<script>\u202e\u0000${'é'.repeat(200)}` };
    expect((await rest.post('/namespace/n/worker/w/finish_attempts', { attempts: [outcome] })).status).toBe(200);
    const [{ cause }] = await failures();
    expect(cause).toBe(`<script>\u202e ${'é'.repeat(144)}`);
  });
});

describe('units by a part of their names', () => {
  const add = (...all: string[]) => rest.post(`${SPEC}/add`, { work_units: all.map((name) => ({ name })) });

  it('are found by how they begin and by what is in them', async () => {
    await add('a/1', 'a/2', 'b/1', '%_');
    expect(await names('prefix=a%2F')).toEqual(['a/1', 'a/2']);
    expect(await names('prefix=a%2F&contains=2')).toEqual(['a/2']);
    expect(await names('contains=%25_')).toEqual(['%_']);
    const page = (await rest.get(`${UNITS}?contains=1&limit=1`)).json as { next_url: string };
    expect(page).toMatchObject({ work_units: [{ name: 'a/1' }], looked_at: 2, looked_to: '-YS8x' });
    expect((await rest.get(page.next_url)).json).toEqual({
      work_units: [{ url: `${UNITS}/-Yi8x`, name: 'b/1' }],
      looked_at: 2,
    });
    expect(await names('contains=1&include=data')).toEqual(['a/1', 'b/1']);
    expect((await rest.get(`${UNITS}?contains=${'x'.repeat(1025)}`)).status).toBe(400);
    expect((await rest.delete(`${UNITS}?contains=1`)).json).toEqual({ Deleted: 2 });
  });

  it('are counted by status, by what they are narrowed to', async () => {
    await add('a/1', 'a/2', 'b/1', '%_');
    await rest.post('/namespace/n/worker/w%20w/request_attempts', { number_of_work_units: 1 });
    const count = async (query: string) => (await rest.get(`${SPEC}/work_unit_counts?${query}`)).json;
    expect(await count('prefix=a%2F')).toEqual({ counts: { available: 2 }, looked_at: 2 });
    expect(await count('contains=1&status=available')).toEqual({ counts: { available: 2 }, looked_at: 3 });
    expect(await count('worker=-dyB3')).toEqual({ counts: { pending: 1 }, looked_at: 1 });
    expect(await count('')).toEqual({ counts: { available: 3, pending: 1 } });
    expect(await count('status=pending&status=failed')).toEqual({ counts: { pending: 1 } });
    expect(await count('failure=unknown')).toEqual({ counts: {} });
    expect((await rest.get(`${SPEC}/work_unit_counts?status=gone`)).status).toBe(400);
    expect((await rest.get('/namespace/n/work_spec/none/work_unit_counts?prefix=a')).status).toBe(404);
  });

  it('are counted a bounded number at a time, and the link goes on', async () => {
    const names = Array.from({ length: MOST_LOOKS + 1 }, (_, i) => ({ name: `u/${String(i).padStart(5, '0')}` }));
    await rest.post(`${SPEC}/add`, { work_units: names });
    const first = (await rest.get(`${SPEC}/work_unit_counts?prefix=u%2F&contains=5`)).json as { next_url: string };
    expect(first).toMatchObject({ looked_at: MOST_LOOKS });
    expect(first.next_url).toBe(`${SPEC}/work_unit_counts?prefix=u%2F&contains=5&previous=-dS80OTk5OQ`);
    expect((await rest.get(first.next_url)).json).toEqual({ counts: { available: 1 }, looked_at: 1 });
  });

  it('are found by who holds them', async () => {
    await add('a', 'b', 'c');
    await rest.post('/namespace/n/worker/w%20w/request_attempts', { number_of_work_units: 2 });
    expect(await names('worker=-dyB3')).toEqual(['a', 'b']);
    expect(await names('worker=v')).toEqual([]);
    expect((await rest.get(`${UNITS}?worker=-!`)).status).toBe(400);
  });
});

describe('workers by their last claims', () => {
  it('come in pages, with what they hold', async () => {
    await rest.post(`${SPEC}/add`, { work_units: [{ name: 'a' }, { name: 'b' }] });
    await rest.get('/namespace/n/worker/idle');
    await rest.post('/namespace/n/worker/w%20w/request_attempts', { number_of_work_units: 2 });
    const list = '/namespace/n/worker?active=true&sort=last_claim';
    const page = (await rest.get(`${list}&limit=1`)).json as { next_url: string };
    expect(page).toEqual({
      workers: [
        {
          url: '/namespace/n/worker/idle',
          name: 'idle',
          active: true,
          last_update: '2026-01-02T03:04:05.678901Z',
          finished_last_hour: 0,
          work_units: 0,
        },
      ],
      next_url: `${list}&next=0.idle&limit=1`,
    });
    const next = (await rest.get(page.next_url)).json as { workers: object[] };
    expect(next).toMatchObject({
      workers: [{ name: 'w w', work_units: 2, last_claim: '2026-01-02T03:04:05.678901Z' }],
    });
    const body = { active: true, parent: 'p p', mode: 'run', data: { host: 'node-7', memory: 70_000 } };
    await rest.put('/namespace/n/worker/idle', body);
    const listed = (await rest.get('/namespace/n/worker?limit=1')).json as { workers: object[] };
    expect(listed.workers[0]).toMatchObject({
      name: 'idle',
      parent: 'p p',
      parent_url: '/namespace/n/worker/-cCBw',
      mode: 'run',
      host: 'node-7',
      memory_bytes: 70_000,
    });
    expect((await rest.get('/namespace/n/worker/idle')).json).toMatchObject({ host: 'node-7', memory_bytes: 70_000 });
    expect((await rest.get('/namespace/n/worker/w%20w')).json).not.toHaveProperty('host');
    for (const query of ['sort=name', 'next=0.a', 'sort=last_claim&next=x', 'sort=last_claim&previous=a']) {
      expect((await rest.get(`/namespace/n/worker?${query}`)).status).toBe(400);
    }
  });
});
