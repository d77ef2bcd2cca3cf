import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { startDaemon } from '../support/daemon.js';

/** `{id: 1, method: "now", params: []}` in tag 24, as the published Python client sends it. */
const NOW = Buffer.from('d8185818a342696401466d6574686f64436e6f7746706172616d7380', 'hex');

const CLIENTS = 20;

interface ClientLog {
  sent: number;
  answered: number;
  /** How the connection ended: 'close' after an orderly end, else the error's code. */
  end: string;
}

/** Asks again as soon as there is an answer, until the connection ends. */
function ask(port: number, onAnswer: () => void): Promise<ClientLog> {
  const log: ClientLog = { sent: 0, answered: 0, end: '' };
  const socket = connect(port, '127.0.0.1');
  const send = (): void => {
    socket.write(NOW);
    log.sent++;
  };
  socket.on('connect', send).on('data', () => {
    log.answered++;
    onAnswer();
    send();
  });
  return new Promise((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) => (log.end = error.code ?? error.message));
    socket.on('close', () => {
      log.end ||= 'close';
      resolve(log);
    });
  });
}

test('SIGTERM under load: requests that were read are answered, connections are reset, status 0', async () => {
  const daemon = await startDaemon(['-http', 'off']);
  try {
    let answers = 0;
    const clients = Array.from({ length: CLIENTS }, () =>
      ask(daemon.rpcPort, () => {
        if (++answers === 5_000) process.kill(daemon.pid, 'SIGTERM');
      }),
    );
    const logs = await Promise.all(clients);
    expect(await daemon.exited).toEqual({ code: 0, signal: null });
    expect(answers).toBeGreaterThanOrEqual(5_000);
    for (const { sent, answered, end } of logs) {
      expect(end).toMatch(/^(?:ECONNRESET|EPIPE)$/);
      // One in flight at a time: the last may have come too late to be read.
      expect(sent - answered).toBeLessThanOrEqual(1);
      expect(answered).toBeGreaterThan(0);
    }
    expect(daemon.output()).not.toMatch(/"level":"(?:error|fatal)"/);
  } finally {
    await daemon.kill();
  }
});
