import { once } from 'node:events';
import { afterAll, expect, it } from 'vitest';
import { startDaemon } from '../../support/daemon.js';
import { freePort } from '../../support/ports.js';
import { Python2 } from './python.js';

/** Asks for the time, says so, and asks again when it is told to. */
const PROGRAM = `
import sys
from coordinate import TaskMaster
client = TaskMaster({'address': ('127.0.0.1', int(sys.argv[1]))})
client._rpc('now', ())
sys.stdout.write('connected\\n')
sys.stdout.flush()
sys.stdin.readline()
print(client.set_work_spec({'name': 'after', 'min_gb': 1}))
`;

const python = new Python2(0);
afterAll(() => python.remove());

it('goes on with a daemon that was restarted while its connection was idle', async () => {
  const first = await startDaemon(['-cborrpc', `127.0.0.1:${await freePort()}`]);
  const program = python.start(['-c', PROGRAM, String(first.rpcPort)]);
  let printed = '';
  program.stdout!.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const ended = once(program, 'close');
  while (!printed.includes('connected')) await once(program.stdout!, 'data');

  // The connection is reset: were it closed in good order, the client would wait for ten seconds and fail.
  await first.stop();
  const second = await startDaemon(['-cborrpc', `127.0.0.1:${first.rpcPort}`]);
  program.stdin!.end('go on\n');
  expect(await ended).toEqual([0, null]);
  expect(printed).toBe('connected\nTrue\n');
  await second.stop();
});
