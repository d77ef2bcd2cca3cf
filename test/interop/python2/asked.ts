import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashOfToken } from '../../../src/access/token.js';

const TOKEN = 'of-a-test-that-asks-over-REST';

/** A file of callers: what workers, which cannot say who they are, may do is all that the historic client does. */
function writeCallers(): string {
  const file = join(mkdtempSync(join(tmpdir(), 'coordinate-interop-')), 'callers.yaml');
  const callers = [
    { name: 'historic', rights: { '': ['submit', 'work', 'define', 'admin'] } },
    { name: 'test', token_sha256: hashOfToken(TOKEN), rights: { '*': ['read', 'operate'] } },
  ];
  writeFileSync(file, JSON.stringify({ callers }));
  return file;
}

const isAsked = process.env.RPC_CALLER === '1';

/** Where RPC_CALLER=1 is set, the flags of a daemon that asks who is calling, and takes CBOR-RPC clients for one caller. */
export const ASKED: readonly string[] = isAsked ? ['-auth-tokens', writeCallers(), '-rpc-caller', 'historic'] : [];

/** What requests of a test bring over REST. */
export const HEADERS: Readonly<Record<string, string>> = isAsked ? { authorization: `Bearer ${TOKEN}` } : {};
