import createClient from 'openapi-fetch';
import type { components, paths } from './api.js';

declare const process: { argv: string[] };

/** The whole life of a work unit, by the generated client. */
const client = createClient<paths>({ baseUrl: process.argv[2] ?? '' });
const namespace = 'typescript';
const worker = 'worker-1';

function equal(actual: unknown, expected: unknown): void {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${a} is not ${b}`);
}

/** The body of an answer that went well. */
function ok<T>({ data, error }: { data?: T; error?: components['schemas']['Error'] }): T {
  if (error || data === undefined) throw new Error(`refused: ${JSON.stringify(error)}`);
  return data;
}

/** The path parts of an attempt. */
function address({ url }: { url: string }): {
  path: Record<'namespace' | 'spec' | 'unit' | 'worker' | 'start', string>;
} {
  const [, , , , spec = '', , unit = '', , by = '', start = ''] = url.split('/');
  return { path: { namespace, spec, unit, worker: by, start } };
}

const inSpec = (spec: string) => ({ path: { namespace, spec } });
const counts = async (spec: string) =>
  ok(await client.GET('/namespace/{namespace}/work_spec/{spec}/counts', { params: inSpec(spec) }));

equal(ok(await client.POST('/namespace', { body: { name: namespace } })).name, namespace);
for (const data of [
  { name: 'crawl', then: 'extract' },
  { name: 'extract', disabled: true },
]) {
  ok(await client.POST('/namespace/{namespace}/work_spec', { params: { path: { namespace } }, body: { data } }));
}
const units = Array.from({ length: 100 }, (_, page) => ({ name: `u${String(page).padStart(3, '0')}`, data: { page } }));
const added = ok(
  await client.POST('/namespace/{namespace}/work_spec/{spec}/add', {
    params: inSpec('crawl'),
    body: { work_units: units },
  }),
);
equal(added.work_units.length, 100);

const params = { path: { namespace, worker } };
const { attempts } = ok(
  await client.POST('/namespace/{namespace}/worker/{worker}/request_attempts', {
    params,
    body: { number_of_work_units: 10 },
  }),
);
equal(
  attempts.map((attempt) => attempt.work_unit),
  units.slice(0, 10).map((unit) => unit.name),
);
const [first, second, third, ...others] = attempts;
if (!first || !second || !third) throw new Error('too few attempts');
const attempt = '/namespace/{namespace}/work_spec/{spec}/work_unit/{unit}/attempt/{worker}/{start}';
const renewed = await client.POST(`${attempt}/renew`, {
  params: address(first),
  body: { extend_duration: 3_600_000_000_000 },
});
equal(renewed.response.status, 204);
const now = ok(await client.GET(attempt, { params: address(first) }));
if (now.expiration_time <= first.expiration_time) throw new Error('the lease is no longer than before');
const finish = { params: address(first), body: { data: { output: [['x', { from: 0 }], 'y'] } } };
equal((await client.POST(`${attempt}/finish`, finish)).response.status, 204);
equal((await client.POST(`${attempt}/finish`, finish)).error?.error, 'ErrNotPending');
equal(await counts('extract'), { available: 2 });
await client.POST(`${attempt}/fail`, { params: address(second), body: { data: { traceback: 'no such page' } } });
equal(await counts('crawl'), { available: 90, pending: 8, finished: 1, failed: 1 });
equal(ok(await client.POST('/namespace/{namespace}/work_spec/{spec}/retry', { params: inSpec('crawl') })).Retried, 1);
await client.POST(`${attempt}/retry`, { params: address(third), body: { delay: 3_600_000_000_000 } });
const delayed = await client.GET('/namespace/{namespace}/work_spec/{spec}/work_unit/{unit}', {
  params: { path: { namespace, spec: 'crawl', unit: 'u002' } },
});
equal(ok(delayed).status, 'delayed');
const { results } = ok(
  await client.POST('/namespace/{namespace}/worker/{worker}/finish_attempts', {
    params,
    body: { attempts: others.map(({ url }) => ({ url, outcome: 'finished' as const })) },
  }),
);
equal(
  results.map(({ status }) => status),
  Array(7).fill('finished'),
);

const query = '/namespace/{namespace}/work_spec/{spec}/work_unit';
const finished = ok(
  await client.GET(query, { params: { ...inSpec('crawl'), query: { status: ['finished'], limit: 3 } } }),
);
equal(
  finished.work_units.map(({ name }) => name),
  ['u000', 'u003', 'u004'],
);
equal(finished.next_url !== undefined, true);
const named = ok(
  await client.GET(query, { params: { ...inSpec('crawl'), query: { name: ['u001', 'none', 'u050'] } } }),
);
equal(
  named.work_units.map(({ name }) => name),
  ['u001', 'u050'],
);
equal(await counts('crawl'), { available: 91, delayed: 1, finished: 8 });
equal(ok(await client.DELETE(query, { params: inSpec('crawl') })).Deleted, 100);
equal((await client.DELETE('/namespace/{namespace}', { params: { path: { namespace } } })).response.status, 204);
