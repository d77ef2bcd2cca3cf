import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { RawClient } from '../cbor-rpc/client.js';
import { startDaemon } from '../support/daemon.js';

const MORE = 20;

function hasPrlimit(): boolean {
  try {
    execFileSync('prlimit', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test.skipIf(!hasPrlimit())('a daemon whose files run short turns newcomers away and serves whom it has', async () => {
  const daemon = await startDaemon(['-http', 'off']);
  const sockets: Socket[] = [];
  try {
    const client = await RawClient.connect(daemon.rpcPort);
    await client.call('now');
    const open = readdirSync(`/proc/${daemon.pid}/fd`).length;
    execFileSync('prlimit', ['--pid', String(daemon.pid), `--nofile=${open + MORE}:${open + MORE}`]);
    for (let round = 0; round < 3; round++) {
      let turnedAway = 0;
      for (let i = 0; i < 2 * MORE; i++) {
        const socket = connect({ port: daemon.rpcPort, host: '127.0.0.1' });
        sockets.push(socket.on('error', () => undefined).on('close', () => turnedAway++));
      }
      await expect.poll(() => turnedAway).toBeGreaterThan(0);
      // For longer than the daemon looks at its memory, for which it must not need a file.
      for (let i = 0; i < 12; i++) {
        await client.call('now');
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      for (const socket of sockets.splice(0)) socket.destroy();
      await expect.poll(() => readdirSync(`/proc/${daemon.pid}/fd`).length).toBeLessThan(open + MORE / 2);
    }
    client.destroy();
    expect(await daemon.stop()).toEqual({ code: 0, signal: null });
  } finally {
    for (const socket of sockets) socket.destroy();
    await daemon.kill();
  }
});
