import { afterEach, describe, expect, it } from 'vitest';
import { OpenDaemon } from '../live/open-daemon.js';
import { createDatabase } from '../support/postgres.js';

// The clock is the machine's: what is due comes within seconds, and on a machine that does other things in some more.

const SPECS = '/namespace/n/work_spec';
const EACH_SECOND = { cron: '* * * * * *', overlap: 'allow' };
const WAIT_NS = 30e9;
const closing: (() => Promise<void>)[] = [];

async function start(backend?: string): Promise<OpenDaemon> {
  const daemon = await OpenDaemon.start(backend);
  closing.unshift(() => daemon.close());
  return daemon;
}

async function database(): Promise<string> {
  const made = await createDatabase();
  closing.unshift(() => made.drop());
  return made.url.replace(/^postgres(ql)?:/, 'postgres:');
}

const set = (daemon: OpenDaemon, schedule: unknown) =>
  daemon.send('POST', SPECS, { data: { name: 's', flow: { schedule } } });

/** What a waiting claim is given: the name of a unit. */
async function claimed(daemon: OpenDaemon): Promise<string> {
  const { json } = await daemon.send('POST', '/namespace/n/worker/w/request_attempts', { wait: WAIT_NS });
  const [{ work_unit_url: url }] = (json as { attempts: { work_unit_url: string }[] }).attempts;
  return decodeURIComponent(url.slice(url.lastIndexOf('/') + 1));
}

async function units(daemon: OpenDaemon): Promise<string[]> {
  const { json } = await daemon.send('GET', `${SPECS}/s/work_unit`);
  return (json as { work_units: { name: string }[] }).work_units.map(({ name }) => name);
}

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

describe('due slots are started without a claim having to come', () => {
  it('in memory, and wake who waits', async () => {
    const daemon = await start();
    const waiting = claimed(daemon);
    await set(daemon, EACH_SECOND);
    expect(await waiting).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(await claimed(daemon)).toMatch(/Z$/);
    await expect.poll(() => daemon.metric('coordinate_schedule_slots_total{outcome="made"}')).toBeGreaterThan(1);
  });

  it('on PostgreSQL by two daemons, of which the one goes on when the other has gone', async () => {
    const url = await database();
    const [one, two] = [await start(url), await start(url)];
    const waiting = claimed(two);
    await set(one, EACH_SECOND);
    expect(await waiting).toMatch(/Z$/);
    await expect.poll(async () => (await units(two)).length).toBeGreaterThan(2);
    const made = async (daemon: OpenDaemon) => daemon.metric('coordinate_schedule_slots_total{outcome="made"}');
    await set(one, { cron: '0 0 1 1 *' });
    const all = await units(one);
    expect(new Set(all).size).toBe(all.length);
    expect((await made(one)) + (await made(two))).toBe(all.length);
    await set(one, EACH_SECOND);
    await closing.splice(closing.length - 2, 1)[0]();
    const before = (await units(two)).length;
    await expect.poll(async () => (await units(two)).length).toBeGreaterThan(before + 1);
  });
});
