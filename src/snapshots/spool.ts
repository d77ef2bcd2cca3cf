import { randomBytes } from 'node:crypto';
import { closeSync, openSync, read, unlinkSync, write } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const CHUNK = 1 << 18;
/** Elsewhere a file has no name from the start, and is gone with the process however that ends. */
const KEEPS_NAME = process.platform === 'win32';

const readAt = promisify(read);
const writeAt = promisify(write);

/**
 * The bytes of a dump in a file, so that neither they nor what they are made of are held in memory while somebody takes
 * them. To be closed.
 */
export class Spool implements AsyncIterable<Buffer> {
  private readonly file: number;
  private readonly path = join(tmpdir(), `coordinate-dump-${randomBytes(8).toString('hex')}`);
  private pending: Promise<unknown> = Promise.resolve();

  /** An empty one. @throws what opening a file fails with */
  constructor() {
    this.file = openSync(this.path, 'wx+', 0o600);
    if (!KEEPS_NAME) unlinkSync(this.path);
  }

  /**
   * Takes all bytes.
   * @param signal - ends it
   * @throws what writing fails with, such as a full disk
   */
  async fill(bytes: AsyncIterable<Buffer>, signal?: AbortSignal): Promise<void> {
    for await (const chunk of bytes) {
      for (let done = 0; done < chunk.length;) {
        const { bytesWritten } = await this.using(writeAt(this.file, chunk, done, chunk.length - done, null));
        done += bytesWritten;
      }
      signal?.throwIfAborted();
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    for (let at = 0; ;) {
      const buffer = Buffer.allocUnsafe(CHUNK);
      const { bytesRead } = await this.using(readAt(this.file, buffer, 0, CHUNK, at));
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
      at += bytesRead;
    }
  }

  /** Nothing may be asked of it afterwards. */
  async close(): Promise<void> {
    // The number of a file that is closed is soon that of another.
    await this.pending;
    closeSync(this.file);
    if (KEEPS_NAME) unlinkSync(this.path);
  }

  private using<T>(work: Promise<T>): Promise<T> {
    this.pending = work.catch(() => undefined);
    return work;
  }
}
