import { getEventListeners } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import type { ConnectOptions, Coordinate } from 'coordinate-client';
import {
  connect,
  ConnectionError,
  DeniedError,
  FetchTransport,
  NoSuchWorkSpecError,
  NotPendingError,
  UnavailableError,
} from 'coordinate-client';
import { type Fate, type FakeCall, fakeRest, type FakeRest } from './fake-rest.js';

const fakes: FakeRest[] = [];
const clients: Coordinate[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const fake of fakes.splice(0)) await fake.close();
});

async function start(fateOf: (call: FakeCall, number: number) => Fate): Promise<FakeRest> {
  const fake = await fakeRest(fateOf);
  fakes.push(fake);
  return fake;
}

function to(fake: FakeRest | readonly FakeRest[], options: ConnectOptions = {}): Coordinate {
  const client = connect(
    [fake].flat().map(({ url }) => url),
    { namespace: 'n', ...options },
  );
  clients.push(client);
  return client;
}

const BUSY = { status: 503, body: { error: 'error', message: 'busy' }, headers: { 'retry-after': '0' } };
const UNKNOWN = { status: 503, body: { error: 'error', message: 'whether it took place is not known' } };
const NOT_PENDING = { status: 409, body: { error: 'ErrNotPending', message: 'Attempt is not pending' } };
const URL_OF_ATTEMPT = '/namespace/n/work_spec/s/work_unit/u/attempt/w/a.1';
const ATTEMPT = {
  url: URL_OF_ATTEMPT,
  work_unit_url: '/namespace/n/work_spec/s/work_unit/u',
  worker_url: '/namespace/n/worker/w',
  start_time: '2026-01-02T03:04:05.678901Z',
  namespace: 'n',
  work_spec: 's',
  work_unit: 'u',
  worker: 'w',
  start: 'a.1',
  status: 'pending',
  data: {},
  end_time: '0001-01-01T00:00:00Z',
  expiration_time: '2026-01-02T03:19:05.678901Z',
};

describe.each([
  ['Node', {}],
  ['fetch', { transport: new FetchTransport() }],
] satisfies [string, ConnectOptions][])('the REST client by %s when something breaks', (_, options) => {
  it('asks again what was refused for now, even a claim', async () => {
    const fake = await start((_, number) =>
      number === 1 ? BUSY : number === 2 ? { ...BUSY, status: 429 } : { body: { attempts: [ATTEMPT] } },
    );
    const [attempt] = await to(fake, options).worker('w').claim();
    expect([attempt.unit, fake.calls.length]).toEqual(['u', 3]);
  });

  it.each([
    ['an answer is lost', 'cut'],
    ['nobody knows whether it took place', UNKNOWN],
    ['a proxy says nothing', { status: 504 }],
  ] as const)('asks again what does no harm when %s, and nothing else', async (_, fate) => {
    const fake = await start((_, number) => (number % 2 === 1 ? fate : { body: { available: 3 } }));
    const client = to(fake, options);
    expect(await client.spec('s').counts()).toMatchObject({ available: 3, failed: 0 });
    const before = fake.calls.length;
    for (const call of [
      () => client.worker('w').claim(),
      () => client.spec('s').add(['u']),
      () => client.spec('s').retry(),
      () => client.spec('s').deleteUnits(),
      () => client.spec('s').adjustPriority(1),
      () => client.spec('s').delete(),
      () => client.spec('s').unit('u').clear(),
      () => client.worker('w').makeAttempt('s', 'u'),
    ]) {
      const lost = await call().catch((error: unknown) => error);
      if (fate === 'cut') expect(lost).toMatchObject({ name: 'ConnectionError', sent: true });
      else expect(lost).toBeInstanceOf(UnavailableError);
      // So that the next one is the first of two again.
      await client.spec('s').counts({ timeout: '10s' });
    }
    expect(fake.calls.length - before).toBe(2 * 8);
  });

  it('takes it for done when its report was carried out, and only the answer was lost', async () => {
    const fake = await start(({ method }, number) => {
      if (method === 'GET') return { body: { ...ATTEMPT, status: 'finished' } };
      return number === 2 ? 'cut' : number === 1 ? { body: { attempts: [ATTEMPT] } } : NOT_PENDING;
    });
    const [attempt] = await to(fake, options).worker('w').claim();
    await attempt.finish({ done: true });
    expect(fake.calls.map(({ method, url }) => [method, url.split('/').at(-1)])).toEqual([
      ['POST', 'request_attempts?data=json'],
      ['POST', 'finish'],
      ['POST', 'finish'],
      ['GET', 'a.1?data=json'],
    ]);
    // It failed all the same, as somebody else had it.
    await expect(attempt.fail()).rejects.toBeInstanceOf(NotPendingError);
  });

  it('takes a list for done likewise, item by item', async () => {
    const fake = await start(({ method, url }, number) => {
      if (method === 'GET') return { body: { ...ATTEMPT, status: url.includes('a.1') ? 'finished' : 'expired' } };
      const results = ['a.1', 'a.2'].map((start) => ({
        url: URL_OF_ATTEMPT.replace('a.1', start),
        error: 'ErrNotPending',
        message: 'Attempt is not pending',
      }));
      return number === 1 ? 'cut' : { body: { results } };
    });
    const outcomes = ['a.1', 'a.2'].map((start) => {
      return { attempt: URL_OF_ATTEMPT.replace('a.1', start), outcome: 'finished' } as const;
    });
    const results = await to(fake, options).worker('w').finish(outcomes);
    expect(results).toEqual([
      { attempt: outcomes[0].attempt, status: 'finished' },
      { attempt: outcomes[1].attempt, error: expect.any(NotPendingError) as NotPendingError },
    ]);
    const again = await start(({ method, url }, number) => {
      if (method === 'GET') return { body: { ...ATTEMPT, status: url.includes('a.1') ? 'finished' : 'expired' } };
      const results = outcomes.map(({ attempt: url }) => ({ url, error: 'ErrNotPending', message: 'not pending' }));
      return number === 1 ? 'cut' : { body: { results } };
    });
    const refused = await to(again, options).worker('w').report(outcomes);
    expect([...refused]).toEqual([[1, expect.any(NotPendingError)]]);
  });

  it('knows which reports were refused, whether the daemon tells of those alone or of all', async () => {
    const outcomes = ['a.1', 'a.2', 'a.3'].map((start) => {
      return { attempt: URL_OF_ATTEMPT.replace('a.1', start), outcome: 'finished' } as const;
    });
    const refusal = { url: outcomes[1].attempt, error: 'ErrNotPending', message: 'Attempt is not pending' };
    const all = outcomes.map(({ attempt: url }) => ({ url, status: 'finished' }));
    for (const results of [[refusal], [all[0], refusal, all[2]]]) {
      const fake = await start(() => ({ body: { results } }));
      const refused = await to(fake, options).worker('w').report(outcomes);
      expect([...refused]).toEqual([[1, expect.any(NotPendingError)]]);
    }
  });

  it('goes to the next address when one is away or refuses, and stays there', async () => {
    const gone = await fakeRest(() => 'cut');
    await gone.close();
    const busy = await start(() => BUSY);
    const fine = await start(() => ({ body: { attempts: [] } }));
    const client = to([gone, busy, fine], options);
    for (let i = 0; i < 3; i++) expect(await client.worker('w').claim()).toEqual([]);
    expect([busy.calls.length, fine.calls.length]).toEqual([1, 3]);
  });

  it('says in time that nobody is there, or that nobody answers', async () => {
    const gone = await fakeRest(() => 'cut');
    await gone.close();
    const away = to(gone, options).worker('w').claim({ timeout: '300ms' });
    await expect(away).rejects.toMatchObject({ name: 'ConnectionError', sent: false });
    const silent = await start(() => 'silence');
    await expect(to(silent, options).spec('s').counts({ timeout: 50 })).rejects.toMatchObject({ name: 'TimeoutError' });
    await expect(to(silent, options).worker('w').claim({ timeout: 20, wait: 30 })).rejects.toThrow('within 50 ms');
    const abort = new AbortController();
    const aborted = to(silent, options).spec('s').counts({ signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    await expect(to(silent, options).spec('s').counts({ signal: abort.signal })).rejects.toThrow('enough');
  });

  it('waits no longer than it has time to, when it is told when to come back', async () => {
    const fake = await start(() => ({ ...BUSY, headers: { 'retry-after': '3600' } }));
    const failed = to(fake, options).spec('s').counts();
    await expect(failed).rejects.toMatchObject({ name: 'UnavailableError', status: 503, retryAfter: 3600 });
    expect(fake.calls).toHaveLength(1);
  });

  it('listens again when the connection ends, from where it was', async () => {
    const event = (id: string): string =>
      `: a comment\n\nevent: spec\nid: ${id}\ndata: {"name":"${id}","change":"made"}\n\n`;
    const fake = await start((_, number) => (number === 1 ? BUSY : { text: event(`e-${number}`) }));
    const names: string[] = [];
    for await (const heard of to(fake, options).events()) {
      if (heard.type === 'spec') names.push(heard.name);
      if (names.length === 2) break;
    }
    expect(names).toEqual(['e-2', 'e-3']);
    expect(fake.calls.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, undefined, 'e-2']);
    const denied = await start(() => ({ status: 403, body: { error: 'error', message: 'no' } }));
    await expect(to(denied, options).events().next()).rejects.toBeInstanceOf(DeniedError);
  });

  it('does not try again where it is told not to', async () => {
    const fake = await start(() => BUSY);
    await expect(
      to(fake, { ...options, retry: false })
        .spec('s')
        .counts(),
    ).rejects.toBeInstanceOf(UnavailableError);
    expect(fake.calls).toHaveLength(1);
  });

  it('throws errors by their names, and by their statuses where they have none', async () => {
    const missing = { error: 'ErrNoSuchWorkSpec', message: 'No such work spec "s"', value: 's' };
    const fake = await start((_, number) =>
      number === 1
        ? { status: 404, body: missing }
        : number === 2
          ? { status: 403, body: { error: 'error', message: 'no' } }
          : { status: 418, body: undefined },
    );
    const client = to(fake, options);
    const error = (await client
      .spec('s')
      .counts()
      .catch((thrown: unknown) => thrown)) as NoSuchWorkSpecError;
    expect(error).toBeInstanceOf(NoSuchWorkSpecError);
    expect([error.name, error.error, error.status, error.value, error.details]).toEqual([
      'NoSuchWorkSpecError',
      'ErrNoSuchWorkSpec',
      404,
      's',
      [],
    ]);
    await expect(client.spec('s').counts()).rejects.toBeInstanceOf(DeniedError);
    await expect(client.spec('s').counts()).rejects.toMatchObject({ status: 418, message: 'status 418' });
  });

  it('says an answer that is not whole, and one that is not HTTP, are no answers', async () => {
    const fake = await start(() => ({ body: {}, headers: { 'content-length': '1000' } }));
    const failed = to(fake, options).worker('w').claim({ timeout: 500 });
    setTimeout(() => void fake.close(), 100);
    fakes.pop();
    await expect(failed).rejects.toSatisfy(
      (error: Error) => error instanceof ConnectionError || error.name === 'TimeoutError',
    );
  });
});

it.each([1, 3])(
  'takes no more units than it can send, %d batches at a time, and stops taking at an error',
  async (concurrency) => {
    let answered = 0;
    let taken = 0;
    let most = 0;
    let closed = false;
    const fake = await start((_, number) => {
      if (number > 20) return { status: 400, body: { error: 'error', message: 'no more' } };
      answered += 10;
      return { status: 201, body: {} };
    });
    async function* units(): AsyncGenerator<string> {
      try {
        for (;;) {
          most = Math.max(most, taken - answered);
          yield await Promise.resolve(`unit ${taken++}`);
        }
      } finally {
        closed = true;
      }
    }
    const failed = to(fake).spec('s').add(units(), { batchUnits: 10, concurrency });
    await expect(failed).rejects.toThrow('no more');
    // Those that are under way, the one that is gathered, and the unit that does not fit into it.
    expect(most).toBeLessThanOrEqual(10 * (concurrency + 1) + 1);
    expect(closed).toBe(true);
    expect(taken).toBeLessThan(300);
  },
);

it('says by a token who calls, and sends none to other machines unencrypted unless told to', async () => {
  const fake = await start(() => ({ body: {} }));
  await to(fake, { token: 'secret' }).spec('s').counts();
  let asked = 0;
  const client = to(fake, { token: () => Promise.resolve(`token ${++asked}`) });
  await client.spec('s').counts();
  await client.spec('s').counts();
  expect(fake.calls.map(({ headers }) => headers.authorization)).toEqual([
    'Bearer secret',
    'Bearer token 1',
    'Bearer token 2',
  ]);
  expect(() => connect('http://jobs.example.com:5980', { token: 'secret' })).toThrow(
    'a token goes to http://jobs.example.com:5980',
  );
  connect('https://jobs.example.com', { token: 'secret' });
  connect('http://jobs.example.com', { token: 'secret', insecure: true });
  for (const url of ['127.0.0.1:5980', 'ftp://127.0.0.1', '', 'http://me:secret@127.0.0.1']) {
    expect(() => connect(url)).toThrow(RangeError);
  }
});

it('works below a path of a proxy, whatever the links of the daemon say', async () => {
  const fake = await start(({ url }) =>
    url.includes('request_attempts') ? { body: { attempts: [{ ...ATTEMPT, url: `/jobs${URL_OF_ATTEMPT}` }] } } : {},
  );
  const client = connect(`${fake.url}/queue/`, { namespace: 'n' });
  clients.push(client);
  const [attempt] = await client.worker('w').claim();
  await attempt.finish();
  expect(fake.calls.map(({ url }) => url)).toEqual([
    '/queue/namespace/n/worker/w/request_attempts?data=json',
    `/queue${URL_OF_ATTEMPT}/finish`,
  ]);
});

it('leaves no timers and no listeners behind', async () => {
  const fake = await start(() => ({ body: {} }));
  const client = to(fake);
  const { signal } = new AbortController();
  for (let i = 0; i < 20; i++) await client.spec('s').counts({ signal });
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = timers();
  for (let i = 0; i < 20; i++) await client.spec('s').counts();
  expect(timers() - before).toBeLessThan(10);
});
