import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listenTo } from '../../support/event-listener.js';
import type { TestDatabase } from '../../support/postgres.js';
import { createDatabase } from '../../support/postgres.js';
import { OpenDaemon } from '../open-daemon.js';

const NS = '/namespace/n';

describe('events at a daemon beside another one', () => {
  let database: TestDatabase;
  let here: OpenDaemon;
  let there: OpenDaemon;
  beforeAll(async () => {
    database = await createDatabase();
    here = await OpenDaemon.start(database.url);
    there = await OpenDaemon.start(database.url);
  });
  afterAll(async () => {
    await Promise.all([here.close(), there.close()]);
    await database.drop();
  });

  it('tell of what is done at the other one', async () => {
    await there.send('POST', `${NS}/work_spec`, { data: { name: 's' } });
    const listener = await listenTo(here.httpPort, `${NS}/events`);
    await listener.event('overview', ({ complete }) => complete === true);
    await there.send('POST', `${NS}/work_spec/s/add`, { work_units: [{ name: 'u' }] });
    await listener.event('overview', (data) => JSON.stringify(data).includes('"available":1'));
    const { json } = await there.send('POST', `${NS}/worker/w/request_attempts`, {});
    const [attempt] = (json as { attempts: { fail_url: string }[] }).attempts;
    await there.send('POST', attempt.fail_url, { data: { traceback: 'ConnectionError: no answer in 17 s' } });
    const { data } = await listener.event('failure');
    const { json: groups } = await there.send('GET', `${NS}/work_spec/s/failures`);
    const [{ id, cause }] = (groups as { failures: { id: string; cause: string }[] }).failures;
    expect(data).toMatchObject({ work_spec: 's', work_unit: 'u', worker: 'w', failure: id, cause });
    expect(cause).toContain('ConnectionError');
    await there.send('POST', `${NS}/work_spec`, { data: { name: 'made' } });
    await listener.event('spec', ({ name, change }) => name === 'made' && change === 'made');
    expect((await listener.event('worker', ({ name }) => name === 'w')).data.active).toBe(true);
    await here.close();
    await listener.ended;
    expect(listener.response.complete).toBe(true);
  });
});
