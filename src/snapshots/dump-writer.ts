import { createHash } from 'node:crypto';
import { CborWriter } from '../cbor/index.js';
import type { EncodedData } from '../domain/data.js';
import type { SnapshotRecord, SnapshotRecords } from '../domain/snapshot.js';
import { countRecord, noSnapshotCounts } from '../domain/snapshot.js';

import type { DumpOutput } from './dump-format.js';
import { writeEnd, writeRecord } from './dump-format.js';

/** Bytes of one chunk, about. */
const CHUNK = 1 << 18;
/** Data of more bytes than that are not copied. */
const WHOLE_BYTES = 1 << 16;

/** Turns the records of a snapshot into the bytes of a dump. */
class DumpWriter implements DumpOutput {
  readonly counts = noSnapshotCounts();
  readonly writer = new CborWriter();
  private readonly hash = createHash('sha256');
  private pieces: Buffer[] = [];
  private bytes = 0;

  write(records: readonly SnapshotRecord[]): void {
    for (const record of records) {
      countRecord(this.counts, record);
      writeRecord(this, record);
    }
  }

  writeData(data: EncodedData): void {
    if (data.length < WHOLE_BYTES) return this.writer.writeBytes(data);
    this.writer.writeBytesHead(data.length);
    this.cut();
    this.add(Buffer.from(data.buffer, data.byteOffset, data.length));
  }

  /** What has been written since, in chunks, once enough has come together. Each is to be dealt with before the next. */
  *chunks(): Generator<Buffer> {
    if (this.bytes + this.writer.length >= CHUNK) yield* this.take();
  }

  /** The last chunks. */
  *end(): Generator<Buffer> {
    yield* this.take();
    writeEnd(this.writer, this.counts, this.hash.digest());
    yield this.writer.take();
  }

  private *take(): Generator<Buffer> {
    this.cut();
    const { pieces } = this;
    this.pieces = [];
    this.bytes = 0;
    for (const piece of pieces) {
      for (let at = 0; at < piece.length; at += CHUNK) {
        const chunk = piece.subarray(at, at + CHUNK);
        this.hash.update(chunk);
        yield chunk;
      }
    }
  }

  private cut(): void {
    if (this.writer.length > 0) this.add(this.writer.take());
  }

  private add(piece: Buffer): void {
    this.pieces.push(piece);
    this.bytes += piece.length;
  }
}

/** The bytes of a dump, each chunk when the one before has been taken. */
export async function* dumpOf(
  records: SnapshotRecords | Iterable<readonly SnapshotRecord[]>,
  onProgress: (writer: DumpWriter, records: readonly SnapshotRecord[]) => void = () => undefined,
): AsyncGenerator<Buffer> {
  const writer = new DumpWriter();
  for await (const some of records) {
    writer.write(some);
    onProgress(writer, some);
    yield* writer.chunks();
  }
  yield* writer.end();
}
