import type { Coordinate } from 'coordinate-client';
import { connect } from 'coordinate-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningDaemon, startDaemon } from '../../support/daemon.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';

const program = process.env.OLDER_DAEMON!;
const UNITS = 20;
const FLOW = {
  retry: { attempts: 3, delay: 1 },
  rate_limit: { units: 1000 },
  after: ['earlier'],
  schedule: { cron: '* * * * * *' },
};

let database: TestDatabase;
let older: RunningDaemon;
let newer: RunningDaemon;
const connections: Coordinate[] = [];

beforeAll(async () => {
  database = await createDatabase();
  older = await startDaemon(['-backend', database.url], { program });
  newer = await startDaemon(['-backend', database.url]);
});
afterAll(async () => {
  for (const connection of connections) connection.close();
  await older.stop();
  await newer.stop();
  await database.drop();
});

function at({ httpPort }: RunningDaemon): Coordinate {
  const connection = connect(`http://127.0.0.1:${httpPort}`, { namespace: 'n' });
  connections.push(connection);
  return connection;
}

/** Adds units through one daemon, and claims and finishes them by turns through both. */
async function workThroughBoth(spec: string): Promise<void> {
  const [through, other] = [at(older), at(newer)];
  await through.spec(spec).set({ min_gb: 0 });
  await through.spec(spec).add(Array.from({ length: UNITS / 2 }, (_, i) => `older-${i}`));
  await other.spec(spec).add(Array.from({ length: UNITS / 2 }, (_, i) => `newer-${i}`));
  for (let i = 0; i < UNITS; i++) {
    const [claims, ends] = i % 2 === 0 ? [through, other] : [other, through];
    const [claimed] = await claims.worker('w').claim({ specs: [spec] });
    // Begun through the one, ended through the other.
    const { spec: of, unit, worker, start } = claimed;
    await (await ends.attempt({ spec: of, unit, worker, start })).finish({ by: i });
  }
  for (const seen of [through, other]) expect((await seen.spec(spec).counts()).finished).toBe(UNITS);
}

it('ordinary work goes on through a daemon of the version before flow and this one', () => workThroughBoth('before'));

it.each(Object.keys(FLOW))('%s is refused while the older one is connected, which is named', async (key) => {
  const flow = { [key]: FLOW[key as keyof typeof FLOW] };
  await expect(at(newer).spec('flows').set({ flow })).rejects.toThrow(
    /^flow can not be set while a daemon is connected that does not know it: coordinated.* \(pid \d+, from .*\)$/,
  );
});

it('nothing is cancelled meanwhile, and work goes on', async () => {
  await expect(at(newer).spec('before').cancel()).rejects.toThrow(
    /^cancel can not be done while a daemon is connected that does not know it: /,
  );
  await workThroughBoth('meanwhile');
});

it('all of it is taken when the older one has left, and works', async () => {
  await older.stop();
  const coordinate = at(newer);
  await coordinate.spec('flows').set({ min_gb: 0, flow: FLOW });
  const [slot] = await coordinate.worker('w').claim({ specs: ['flows'], wait: '30s' });
  expect(slot.unit).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  await slot.fail({ traceback: 'no' });
  expect(await coordinate.spec('flows').unit(slot.unit).get()).toMatchObject({ status: 'delayed' });
});
