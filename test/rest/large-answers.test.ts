import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { AttemptsService } from '../../src/attempts/attempts.service.js';
import { MINUTE } from '../../src/domain/time.js';
import { WorkUnitsService } from '../../src/work-units/work-units.service.js';
import { RestApp } from './app.js';

const MIB = 1024 * 1024;
const SPEC = '/namespace/n/work_spec/s';
const BIG = `${SPEC}/work_unit/big`;

let rest: RestApp;
const sockets: Socket[] = [];
beforeAll(async () => {
  rest = await RestApp.start({ maxUnreadBytes: 3 * MIB });
  await rest.post('/namespace/n/work_spec', { data: { name: 's' } });
  await rest.post(`${SPEC}/work_unit`, { name: 'big', data: { text: 'x'.repeat(MIB) } });
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await expect.poll(() => unread().bytes).toBe(0);
});
afterAll(() => rest.stop());

const unread = () => rest.adapter.load.unread;

/** Asks for the large unit and does not read what comes. */
async function askAndWait(): Promise<Socket> {
  const socket = connect(rest.port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined);
  socket.pause();
  await once(socket, 'connect');
  const before = unread().bytes;
  // More in one go than the buffers of the system take.
  socket.write(`GET ${BIG} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(20));
  // What is counted goes up and down until those buffers are full.
  let last = 0;
  let times = 0;
  await expect
    .poll(() => {
      const { bytes } = unread();
      times = bytes > before && bytes === last ? times + 1 : 0;
      last = bytes;
      return times;
    })
    .toBeGreaterThan(10);
  return socket;
}

describe('large answers', () => {
  it('are made while they are read, and come whole', async () => {
    const { status, json, headers } = await rest.get(BIG);
    expect(status).toBe(200);
    expect(headers['content-length']).toBeUndefined();
    expect(json).toMatchObject({ name: 'big', data: { text: 'x'.repeat(MIB) }, status: 'available' });
    expect(unread().bytes).toBe(0);
    const { attempts } = (await rest.post('/namespace/n/worker/w/request_attempts', { work_specs: ['s'] })).json as {
      attempts: { data: { text: string }; work_unit: string; status: string }[];
    };
    expect(attempts).toHaveLength(1);
    expect(attempts[0]).toMatchObject({ status: 'pending', work_unit: 'big' });
    expect(attempts[0].data.text).toHaveLength(MIB);
  });

  it('whose client leaves before it has them are no error of the daemon', async () => {
    const error = vi.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);
    const attempts = rest.app.get(AttemptsService, { strict: false });
    const make = attempts.make.bind(attempts);
    // They leave when the daemon has done what they asked for, and has sent nothing of its answer.
    const leaving = vi.spyOn(attempts, 'make').mockImplementation(async (...args) => {
      const made = await make(...args);
      for (const answer of rest.adapter.turns.inFlight) answer.socket!.destroy();
      await sleep(20);
      return made;
    });
    const asked = { work_spec: 's', work_unit: 'big' };
    for (let i = 0; i < 3; i++)
      await expect(rest.post('/namespace/n/worker/w/make_attempt', asked)).rejects.toThrow('socket hang up');
    leaving.mockRestore();
    await expect.poll(() => unread().bytes).toBe(0);
    // What they left behind has been seen by now.
    expect((await rest.get(BIG)).status).toBe(200);
    expect(error.mock.calls).toEqual([]);
    error.mockRestore();
  });

  it('are not made for a HEAD', async () => {
    const { status, text } = await rest.send('HEAD', BIG);
    expect([status, text]).toEqual([200, '']);
    expect(unread().bytes).toBe(0);
  });

  it('that nobody reads are bounded: another is refused until somebody reads or is gone', async () => {
    const first = await askAndWait();
    const second = await askAndWait();
    expect(unread().bytes).toBeLessThan(3 * MIB);
    const refused = await rest.get(BIG);
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1']);
    expect(rest.adapter.load.shed.unread).toBe(1);
    expect(unread().cut).toBe(0);
    // What is small is answered as ever.
    expect((await rest.get(SPEC)).status).toBe(200);
    first.destroy();
    await expect.poll(async () => (await rest.get(BIG)).status).toBe(200);
    expect(second.destroyed).toBe(false);
  });

  it('that tell of something done are sent, and those go that have read nothing for longest', async () => {
    await askAndWait();
    await askAndWait();
    const { status, json } = await rest.post('/namespace/n/worker/w/make_attempt', {
      work_spec: 's',
      work_unit: 'big',
    });
    expect([status, (json as { data: { text: string } }).data.text.length]).toEqual([200, MIB]);
    expect(unread().cut).toBe(1);
  });

  it('of one unit that is larger than all may be are sent where there is no other', async () => {
    await rest.post(`${SPEC}/work_unit`, { name: 'big', data: { text: 'x'.repeat(4 * MIB) } });
    expect(((await rest.get(BIG)).json as { data: { text: string } }).data.text).toHaveLength(4 * MIB);
  });
});

describe('long lists', () => {
  const names = Array.from({ length: 2_500 }, (_, i) => `u${String(i).padStart(6, '0')}`);
  beforeAll(async () => {
    await rest.delete(`${SPEC}/work_unit`);
    await rest.app.get(WorkUnitsService).add(
      'n',
      's',
      names.map((name) => ({ name, data: Buffer.from('a0', 'hex'), priority: 0, notBefore: -62_135_596_800_000_000 })),
    );
  });

  interface Page {
    work_units: { name: string }[];
    next_url?: string;
  }
  const page = async (query: string) => (await rest.get(`${SPEC}/work_unit${query}`)).json as Page;

  it.each([1, 999, 1_000, 1_001, 2_000, 2_001, 2_500])(
    'end with a link to the rest where a limit of %i ends them',
    async (limit) => {
      const { work_units, next_url } = await page(`?limit=${limit}`);
      expect(work_units.map(({ name }) => name)).toEqual(names.slice(0, limit));
      if (limit === names.length) return expect(next_url).toBeUndefined();
      const rest = await page(next_url!.slice(next_url!.indexOf('?')).replace(`limit=${limit}`, 'limit=100000'));
      expect(rest.work_units.map(({ name }) => name)).toEqual(names.slice(limit));
      expect(rest.next_url).toBeUndefined();
    },
  );

  it('that were added are told in the order given', async () => {
    const { json } = await rest.post(`${SPEC}/add`, { work_units: names.toReversed().map((name) => ({ name })) });
    expect((json as Page).work_units.map(({ name }) => name)).toEqual(names.toReversed());
  });

  it('of names that a query has are answered whole, whatever their encoding', async () => {
    await rest.post(`${SPEC}/work_unit`, { name: '-MQ' });
    const query = [...names.map((name) => `name=${name}`), 'name=-MQ', 'name=-MQ'].join('&');
    expect((await page(`?${query}&limit=9999`)).work_units).toHaveLength(names.length + 1);
    const first = await page(`?${query}&limit=3`);
    expect(first.work_units).toHaveLength(3);
    expect(first.next_url).toContain('limit=3');
  });

  it('of workers go on where a limit ends them', async () => {
    for (let i = 0; i < 3; i++) await rest.get(`/namespace/many/worker/w${i}`);
    const { json } = await rest.get('/namespace/many/worker?limit=2');
    expect(json).toMatchObject({
      workers: [{ name: 'w0' }, { name: 'w1' }],
      next_url: '/namespace/many/worker?previous=w1&limit=2',
    });
  });
});

describe('what is repeated of a request', () => {
  const long = 'x'.repeat(5_000);

  it.each<[string, () => Promise<{ status: number; text: string }>]>([
    ['an Accept header', () => rest.get('/namespace', { headers: { accept: `image/${long}` } })],
    ['a Content-Type', () => rest.send('POST', '/namespace', { headers: { 'content-type': long }, body: '{}' })],
    ['a path', () => rest.get(`/${long}`)],
    ['the name of a parameter', () => rest.get(`/namespace?${long}=1`)],
    ['the value of a parameter', () => rest.get(`${SPEC}/work_unit?limit=${long}`)],
    ['a field', () => rest.post('/namespace/n/worker/w/request_attempts', { lifetime: long })],
    [
      'the name of a work spec',
      () => rest.post('/namespace/n/worker/w/make_attempt', { work_spec: long, work_unit: 'u' }),
    ],
    [
      'a link',
      () =>
        rest.post('/namespace/n/worker/w/finish_attempts', { attempts: [{ url: long.repeat(20), outcome: 'failed' }] }),
    ],
    ['a body that is not JSON', () => rest.post('/namespace', `{"${long}`)],
  ])('is short: %s', async (_, send) => {
    const { status, text } = await send();
    expect(status).toBeGreaterThanOrEqual(400);
    expect(text.length).toBeLessThan(1_200);
  });

  it('many unknown parameters are told of as a hundred', async () => {
    const query = Array.from({ length: 3_000 }, (_, i) => `p${i}=1`).join('&');
    const { json } = await rest.get(`/namespace?${query}`);
    expect((json as { details: unknown[] }).details).toHaveLength(100);
  });
});

it('a claim of very many units gives out what there is', async () => {
  await rest.post('/namespace/m/work_spec', { data: { name: 's' } });
  await rest.post('/namespace/m/work_spec/s/work_unit', { name: 'u' });
  const { json } = await rest.post('/namespace/m/worker/w/request_attempts', {
    number_of_work_units: 2 ** 40,
    lifetime: MINUTE * 1000,
  });
  expect((json as { attempts: unknown[] }).attempts).toHaveLength(1);
});
