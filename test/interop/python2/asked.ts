import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashOfToken, makeToken } from '../../../src/access/token.js';
import { type RunningDaemon, startDaemon } from '../../support/daemon.js';

const TOKEN = 'of-a-test-that-asks-over-REST';

function write(name: string, text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'coordinate-interop-')), name);
  writeFileSync(file, text);
  return file;
}

/** A file of callers: what workers, which cannot say who they are, may do is all that the historic client does. */
function writeCallers(): string {
  const callers = [
    { name: 'historic', rights: { '': ['submit', 'work', 'define', 'admin'] } },
    { name: 'test', token_sha256: hashOfToken(TOKEN), rights: { '*': ['read', 'operate'] } },
  ];
  return write('callers.yaml', JSON.stringify({ callers }));
}

/** One that keeps what the daemon in front is asked for, and knows that by its token. */
async function startBehind(): Promise<{ behind: RunningDaemon; flags: readonly string[] }> {
  const token = makeToken();
  const rights = { '*': ['read', 'submit', 'work', 'define', 'operate', 'admin'] };
  const callers = [{ name: 'front', token_sha256: hashOfToken(token), rights }];
  const behind = await startDaemon(['-auth-tokens', write('callers.yaml', JSON.stringify({ callers }))]);
  const url = `http://127.0.0.1:${behind.httpPort}/`;
  return { behind, flags: ['-backend', url, '-backend-token-file', write('token', token)] };
}

const isAsked = process.env.RPC_CALLER === '1';

/**
 * Starts a daemon. Where RPC_CALLER=1 is set it asks who is calling, takes CBOR-RPC clients for one caller, and is in front of another
 * daemon, which keeps the state and ends with it.
 */
export async function startAsked(flags: readonly string[] = []): Promise<RunningDaemon> {
  if (!isAsked) return startDaemon(flags);
  const { behind, flags: backend } = await startBehind();
  const front = await startDaemon(['-auth-tokens', writeCallers(), '-rpc-caller', 'historic', ...backend, ...flags]);
  const endWith = (end: 'stop' | 'kill') => async () => {
    const exit = await front[end]();
    await behind[end]();
    return exit;
  };
  return { ...front, stop: endWith('stop'), kill: endWith('kill') };
}

/** What requests of a test bring over REST. */
export const HEADERS: Readonly<Record<string, string>> = isAsked ? { authorization: `Bearer ${TOKEN}` } : {};
