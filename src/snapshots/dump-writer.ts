import { createHash } from 'node:crypto';
import { CborWriter } from '../cbor/index.js';
import type { SnapshotRecord, SnapshotRecords } from '../domain/snapshot.js';
import { countRecord, noSnapshotCounts } from '../domain/snapshot.js';
import { writeEnd, writeRecord } from './dump-format.js';

/** Bytes of one chunk, about. */
const CHUNK = 1 << 18;

/** Turns the records of a snapshot into the bytes of a dump. */
export class DumpWriter {
  readonly counts = noSnapshotCounts();
  private readonly writer = new CborWriter();
  private readonly hash = createHash('sha256');

  /** @returns some bytes, once enough have come together */
  write(records: readonly SnapshotRecord[]): Buffer | undefined {
    for (const record of records) {
      countRecord(this.counts, record);
      writeRecord(this.writer, record);
    }
    return this.writer.length < CHUNK ? undefined : this.take();
  }

  /** @returns the last bytes */
  end(): Buffer {
    const rest = this.take();
    writeEnd(this.writer, this.counts, this.hash.digest());
    return Buffer.concat([rest, this.writer.take()]);
  }

  private take(): Buffer {
    const bytes = this.writer.take();
    this.hash.update(bytes);
    return bytes;
  }
}

/** The bytes of a dump, each chunk when the one before has been taken. */
export async function* dumpOf(
  records: SnapshotRecords | Iterable<readonly SnapshotRecord[]>,
  onProgress: (writer: DumpWriter, records: readonly SnapshotRecord[]) => void = () => undefined,
): AsyncGenerator<Buffer> {
  const writer = new DumpWriter();
  for await (const some of records) {
    const chunk = writer.write(some);
    onProgress(writer, some);
    if (chunk) yield chunk;
  }
  yield writer.end();
}
