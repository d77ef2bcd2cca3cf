import { afterAll, beforeAll, expect, it } from 'vitest';
import { hashOfToken, makeToken } from '../../src/access/token.js';
import { WaitingClaims } from '../../src/attempts/waiting-claims.js';
import { holders, OpenDoors, TOKENS } from '../access/open-doors.js';
import { RawClient, request } from '../cbor-rpc/client.js';

const LONG = { timeout: 20_000, interval: 10 };
const REQUEST = '/namespace/own/worker/ci-1/request_attempts';
const WAIT = { wait: 60e9 };

let doors: OpenDoors;
beforeAll(async () => {
  doors = await OpenDoors.open();
});
afterAll(() => doors.close());

const areWaiting = (count: number) => expect.poll(() => doors.app.get(WaitingClaims).size, LONG).toBe(count);

it('who may not claim does not wait either', async () => {
  expect((await doors.send('POST', REQUEST, { body: WAIT })).status).toBe(401);
  expect((await doors.send('POST', REQUEST, { body: WAIT, token: TOKENS.read })).status).toBe(403);
});

it('who may act for some workers only waits for those', async () => {
  const token = makeToken();
  const ci = { name: 'ci', token_sha256: hashOfToken(token), rights: { own: ['work' as const] }, workers: 'ci-' };
  doors.know([...holders(), ci]);
  const other = '/namespace/own/worker/w/request_attempts';
  expect((await doors.send('POST', other, { body: WAIT, token })).status).toBe(403);
  expect((await doors.send('POST', REQUEST, { body: { wait: 1e6 }, token })).status).toBe(200);
});

it('a caller that is no longer one waits no longer', async () => {
  const token = makeToken();
  const gone = { name: 'gone', token_sha256: hashOfToken(token), rights: { own: ['work' as const] } };
  doors.know([...holders(), gone], { own: ['work'] });
  const answer = doors.send('POST', REQUEST, { body: WAIT, token });
  const client = await RawClient.connect(doors.rpcPort);
  client.send(request(1, 'get_work', ['w', { wait: 60 }]));
  await areWaiting(2);
  doors.know(holders());
  expect((await answer).status).toBe(401);
  // A plain connection is another caller by now, too.
  expect(await client.closed()).toBe('reset');
  await areWaiting(0);
});
