import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RestApp } from './app.js';

let rest: RestApp;
beforeAll(async () => {
  rest = await RestApp.start();
});
afterAll(() => rest?.stop());

const LIST = '/namespace/n/work_spec';

describe('a schedule', () => {
  it('is shown with its slots, and is run out of turn', async () => {
    const flow = { schedule: { cron: '0 5 * * *', timezone: 'Europe/Berlin' } };
    expect((await rest.post(LIST, { data: { name: 's', flow } })).status).toBe(201);
    const meta = async (): Promise<unknown> => (await rest.get(`${LIST}/s/meta`)).json;
    expect(await meta()).toMatchObject({
      flow: { schedule: { cron: '0 5 * * *', timezone: 'Europe/Berlin', overlap: 'skip', catch_up: 0 } },
      next_slot: '2026-01-02T04:00:00Z',
      missed_slots: 0,
    });
    expect(await meta()).not.toHaveProperty('last_slot');
    const run = await rest.post(`${LIST}/s/schedule/run`);
    const name = '2026-01-02T03:04:05.678Z';
    const url = `${LIST}/s/work_unit/${name}`;
    expect([run.status, run.json, run.headers.location]).toEqual([201, { url, name }, url]);
    expect((await rest.get(url)).json).toMatchObject({
      data: { scheduled: name, previous: null },
      status: 'available',
    });
    const { json } = await rest.get('/namespace/n/overview');
    expect(json).toMatchObject({ work_specs: [{ meta: { next_slot: '2026-01-02T04:00:00Z', missed_slots: 0 } }] });
  });

  it('is not run where there is none', async () => {
    await rest.post(LIST, { data: { name: 'plain' } });
    const answers = [await rest.post(`${LIST}/plain/schedule/run`), await rest.post(`${LIST}/none/schedule/run`)];
    expect(answers.map(({ status, json }) => [status, (json as { error: string }).error])).toEqual([
      [409, 'ErrNoSchedule'],
      [404, 'ErrNoSuchWorkSpec'],
    ]);
  });

  it.each([
    ['61 * * * *', 'flow.schedule.cron is not understood: Invalid value for minute: 61'],
    ['0 0 31 2 *', 'flow.schedule.cron must match a time'],
    ['@daily', 'flow.schedule.cron must be five fields'],
    [{ cron: '* * * * *', timezone: 'Mars' }, 'flow.schedule.timezone must be a time zone of the IANA'],
    [{ cron: '* * * * *', overlap: 'maybe' }, 'flow.schedule.overlap must be one of skip, buffer, allow'],
    [{ timezone: 'UTC' }, 'flow.schedule.cron must be a string'],
  ])('that is not understood is refused: %j', async (schedule, message) => {
    const { status, json } = await rest.post(LIST, { data: { name: 'bad', flow: { schedule } } });
    expect([status, json]).toMatchObject([400, { message: expect.stringContaining(message) as string }]);
  });

  it('is refused where the work spec is continuous', async () => {
    const data = { name: 'bad', continuous: true, flow: { schedule: '* * * * *' } };
    const { status, json } = await rest.post(LIST, { data });
    expect([status, json]).toMatchObject([400, { message: expect.stringContaining('continuous') as string }]);
  });
});
