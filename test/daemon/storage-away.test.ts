import { afterEach, beforeEach, expect, test } from 'vitest';
import { RawClient } from '../cbor-rpc/client.js';
import { launch, type Program } from '../support/daemon.js';
import { freePort } from '../support/ports.js';

/** How long the daemon looks for its database, in seconds. */
const WAIT_S = 10;

let program: Program;
let rpcPort: number;
let origin: string;

beforeEach(async () => {
  rpcPort = await freePort();
  const http = `127.0.0.1:${await freePort()}`;
  origin = `http://${http}`;
  const backend = `postgres://127.0.0.1:${await freePort()}/x?startup_wait=${WAIT_S}`;
  const addresses = ['-http', http, '-cborrpc', `127.0.0.1:${rpcPort}`];
  program = await launch(['-backend', backend, ...addresses, '-log-requests', '-log-format', 'json']);
  await expect.poll(() => status('/healthz')).toBe(200);
});
afterEach(() => program.child.kill('SIGKILL'));

function status(path: string): Promise<number> {
  return fetch(origin + path).then(
    (answer) => answer.status,
    () => 0,
  );
}

/** Of the log, and what is not JSON as it is. */
function lines(): unknown[] {
  const text = program.stderr().trimEnd().split('\n');
  return text.map((line) => (line.startsWith('{') ? (JSON.parse(line) as unknown) : line));
}

test('a daemon whose database is not there yet says so in lines that alarm nobody', async () => {
  expect(await status('/readyz')).toBe(503);
  const client = await RawClient.connect(rpcPort);
  const waiting = [status('/summary'), client.call('list_work_specs', {}).catch((error: Error) => error.message)];
  const reason = expect.stringMatching(/^storage unavailable: connect ECONNREFUSED/) as string;
  expect(await Promise.all(waiting)).toEqual([503, reason]);
  expect((await program.exited).code).toBe(1);

  const logged = lines().filter((line) => (line as { url?: string }).url !== '/healthz');
  expect(logged).toHaveLength(6);
  expect(logged.pop()).toMatch(/^coordinated: storage unavailable: connect ECONNREFUSED 127\.0\.0\.1:\d+$/);
  const common = { level: 'warn' };
  expect(logged).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ ...common, context: 'HTTP', url: '/readyz', status: 503, outcome: 'unavailable' }),
      expect.objectContaining({ ...common, context: 'HTTP', url: '/summary', status: 503, outcome: 'unavailable' }),
      expect.objectContaining({ ...common, context: 'RPC', method: 'list_work_specs', outcome: 'unavailable' }),
      expect.objectContaining({ ...common, context: 'REST', msg: reason }),
      expect.objectContaining({ ...common, context: 'CBOR-RPC', msg: reason }),
    ]),
  );
  expect(program.stderr()).not.toMatch(/ at \S+ \(/);
});
