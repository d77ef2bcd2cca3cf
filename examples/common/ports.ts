import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

/** Below it there are services of this machine that one knows by their ports. */
const LOWEST = 10_000;
/** The first port that the system gives to connections by itself, where it does not say. */
const FIRST_GIVEN = 32_768;
const TRIES = 100;

/**
 * A port of 127.0.0.1 to listen on, also again after a while. One that the system chooses is of those that it gives to connections as
 * well: while nobody listens there one of these may get it, and keep it for a minute after its end.
 */
export async function freePort(): Promise<number> {
  const above = firstGiven();
  for (let tries = 0; tries < TRIES; tries++) {
    const port = LOWEST + Math.floor(Math.random() * (above - LOWEST));
    if (await isFree(port)) return port;
  }
  throw new Error(`none of ${TRIES} ports between ${LOWEST} and ${above} is free`);
}

function firstGiven(): number {
  try {
    const [first] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s/);
    return Math.max(Number(first), 2 * LOWEST);
  } catch {
    // Not Linux.
    return FIRST_GIVEN;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => void server.close(() => resolve(true)));
  });
}
