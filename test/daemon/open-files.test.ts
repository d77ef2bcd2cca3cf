import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
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

test.skipIf(!hasPrlimit())('when files run short in operation it says so once, and serves whom it has', async () => {
  const daemon = await startDaemon([]);
  const sockets: Socket[] = [];
  try {
    const client = await RawClient.connect(daemon.rpcPort);
    await client.call('now');
    const open = readdirSync(`/proc/${daemon.pid}/fd`).length;
    execFileSync('prlimit', ['--pid', String(daemon.pid), `--nofile=${open + MORE}:${open + MORE}`]);
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 2 * MORE; i++) {
        sockets.push(connect({ port: daemon.rpcPort, host: '127.0.0.1' }).on('error', () => undefined));
      }
      await expect.poll(() => daemon.output()).toContain('too many open files');
      await sleep(100);
      await client.call('now');
      for (const socket of sockets.splice(0)) socket.destroy();
      await expect.poll(() => readdirSync(`/proc/${daemon.pid}/fd`).length).toBeLessThan(open + MORE / 2);
    }
    expect(daemon.output().match(/too many open files/g)).toHaveLength(1);
    client.destroy();
    expect(await daemon.stop()).toEqual({ code: 0, signal: null });
  } finally {
    for (const socket of sockets) socket.destroy();
    await daemon.kill();
  }
});
