import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { DaemonSign } from '../domain/daemon.js';
import { VERSION } from '../version.js';

/** What this process says of itself to a storage. */
export const THIS_PROCESS = {
  id: randomBytes(6).toString('hex'),
  version: VERSION,
  host: hostname(),
  pid: process.pid,
} satisfies Partial<DaemonSign>;
