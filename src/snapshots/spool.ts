import { randomBytes } from 'node:crypto';
import { openSync, unlinkSync, writeSync } from 'node:fs';
import { close, read } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { SnapshotRecord } from '../domain/snapshot.js';
import { DumpWriter } from './dump-writer.js';

const CHUNK = 1 << 18;

const readAt = promisify(read);
const closeFile = promisify(close);

/** The bytes of a dump of records that must be taken at once: they are in a file, of no name, when this returns. */
export function spooled(records: Iterable<readonly SnapshotRecord[]>): AsyncGenerator<Buffer> {
  const path = join(tmpdir(), `coordinate-dump-${randomBytes(8).toString('hex')}`);
  const file = openSync(path, 'wx+', 0o600);
  if (process.platform !== 'win32') unlinkSync(path);
  const writer = new DumpWriter();
  const write = (bytes: Buffer): void => {
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
  };
  for (const some of records) {
    const chunk = writer.write(some);
    if (chunk) write(chunk);
  }
  write(writer.end());
  return contentsOf(file, process.platform === 'win32' ? path : undefined);
}

async function* contentsOf(file: number, path: string | undefined): AsyncGenerator<Buffer> {
  try {
    for (let at = 0; ;) {
      const buffer = Buffer.allocUnsafe(CHUNK);
      const { bytesRead } = await readAt(file, buffer, 0, CHUNK, at);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
      at += bytesRead;
    }
  } finally {
    await closeFile(file);
    if (path !== undefined) unlinkSync(path);
  }
}
