import { randomBytes } from 'node:crypto';
import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { close, read } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { SnapshotRecord } from '../domain/snapshot.js';
import { DumpWriter } from './dump-writer.js';

const CHUNK = 1 << 18;
/** Elsewhere a file has no name from the start, and is gone with the process however that ends. */
const KEEPS_NAME = process.platform === 'win32';

const readAt = promisify(read);
const closeFile = promisify(close);

/** The bytes of a dump of records that must be taken at once: they are in a file when this is there. To be closed. */
export class Spool implements AsyncIterable<Buffer> {
  private readonly file: number;
  private readonly path = join(tmpdir(), `coordinate-dump-${randomBytes(8).toString('hex')}`);
  private reading: Promise<unknown> = Promise.resolve();

  /** @throws what writing fails with, such as a full disk; nothing is left over then */
  constructor(records: Iterable<readonly SnapshotRecord[]>) {
    this.file = openSync(this.path, 'wx+', 0o600);
    if (!KEEPS_NAME) unlinkSync(this.path);
    try {
      this.write(records);
    } catch (error) {
      closeSync(this.file);
      this.remove();
      throw error;
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    for (let at = 0; ;) {
      const buffer = Buffer.allocUnsafe(CHUNK);
      const reading = readAt(this.file, buffer, 0, CHUNK, at);
      this.reading = reading.catch(() => undefined);
      const { bytesRead } = await reading;
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
      at += bytesRead;
    }
  }

  /** Nothing may be asked of it afterwards. */
  async close(): Promise<void> {
    // The number of a file that is closed is soon that of another.
    await this.reading;
    await closeFile(this.file);
    this.remove();
  }

  private write(records: Iterable<readonly SnapshotRecord[]>): void {
    const writer = new DumpWriter();
    for (const some of records) {
      const chunk = writer.write(some);
      if (chunk) this.append(chunk);
    }
    this.append(writer.end());
  }

  private append(bytes: Buffer): void {
    for (let done = 0; done < bytes.length;) done += writeSync(this.file, bytes, done);
  }

  private remove(): void {
    if (KEEPS_NAME) unlinkSync(this.path);
  }
}
