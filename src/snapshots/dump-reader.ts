import { createHash } from 'node:crypto';
import { CborError, CborReader, ItemScanner } from '../cbor/index.js';
import type { SnapshotCounts, SnapshotRecord } from '../domain/snapshot.js';
import { countRecord, noSnapshotCounts } from '../domain/snapshot.js';
import { InvalidValueError } from '../domain/errors.js';
import type { DumpItem } from './dump-format.js';
import { DumpError, readItem } from './dump-format.js';
import { DumpRules } from './dump-rules.js';

/**
 * Reads a dump as its bytes come. The end of what it yields says that the file was whole: all items there, as many of each
 * kind as it says, not a bit changed, and nothing in it that the model forbids.
 * @throws DumpError when it is not
 */
export async function* readDump(chunks: AsyncIterable<Buffer>): AsyncGenerator<SnapshotRecord[]> {
  const dump = new DumpParser();
  try {
    for await (const chunk of chunks) {
      const records = dump.push(chunk);
      if (records.length > 0) yield records;
    }
    dump.finish();
  } catch (error) {
    if (error instanceof CborError) throw new DumpError(`not a dump, or damaged: ${error.message}`, { cause: error });
    throw error;
  }
}

/** No item is larger: what is, is no dump. */
const MAX_ITEM = 2 ** 31;

class DumpParser {
  private readonly scanner = new ItemScanner({ maxBytes: MAX_ITEM });
  private readonly hash = createHash('sha256');
  private readonly counts = noSnapshotCounts();
  private readonly rules = new DumpRules();
  /** How many bytes came before `pending`. */
  private offset = 0;
  private pending: Buffer = Buffer.alloc(0);
  private begun = false;
  private ended = false;
  private previous: SnapshotRecord['kind'] | undefined;

  push(chunk: Buffer): SnapshotRecord[] {
    const bytes = this.pending.length === 0 ? chunk : Buffer.concat([this.pending, chunk]);
    const records: SnapshotRecord[] = [];
    let start = 0;
    for (;;) {
      if (this.ended && start < bytes.length) throw new DumpError('something follows the end of the dump');
      const end = this.scanner.scan(bytes, start, bytes.length);
      if (end < 0) break;
      const record = this.take(bytes, start, end);
      if (record) records.push(record);
      start = end;
    }
    this.offset += start;
    this.pending = bytes.subarray(start);
    return records;
  }

  private take(bytes: Buffer, start: number, end: number): SnapshotRecord | undefined {
    const item = this.checked(bytes, start, end);
    if (item.kind === 'end') {
      if (this.hash.digest('binary') !== item.digest) throw new DumpError('damaged: its checksum is not right');
      if (!sameCounts(item.counts, this.counts)) throw new DumpError('damaged: it does not hold what it says');
      this.ended = true;
      return undefined;
    }
    this.hash.update(bytes.subarray(start, end));
    countRecord(this.counts, item);
    this.begun = true;
    this.previous = item.kind;
    return item;
  }

  /** Reads an item, which may be there by the rules. @throws DumpError that says where in the dump something may not */
  private checked(bytes: Buffer, start: number, end: number): DumpItem {
    let isRead = false;
    try {
      const item = readItem(new CborReader(bytes, start, end));
      if (!this.begun && item.kind !== 'head') throw new DumpError('not a dump of Coordinate');
      if (item.kind !== 'end') this.checkOrder(item);
      isRead = true;
      if (item.kind === 'end') this.rules.end();
      else this.rules.check(item);
      return item;
    } catch (error) {
      const refusal = error instanceof DumpError || error instanceof CborError || error instanceof InvalidValueError;
      if (!refusal || !this.begun) throw error;
      const place = `${isRead ? 'the' : 'after the'} ${this.rules.place()}, up to byte ${this.offset + end}`;
      throw new DumpError(`${place}: ${error.message}`, { cause: error });
    }
  }

  private checkOrder({ kind }: SnapshotRecord): void {
    const after = this.previous;
    const fits = after === undefined ? kind === 'head' : FOLLOWERS[after].includes(kind);
    if (!fits) throw new DumpError(`damaged: a ${kind} after a ${after ?? 'beginning'}`);
  }

  finish(): void {
    if (!this.begun) throw new DumpError('not a dump of Coordinate');
    if (!this.ended) throw new DumpError('cut off: its end is missing');
  }
}

/** What may come after what. */
const FOLLOWERS: Readonly<Record<SnapshotRecord['kind'], readonly SnapshotRecord['kind'][]>> = {
  head: ['namespace'],
  namespace: ['namespace', 'work spec', 'worker'],
  'work spec': ['work spec', 'work unit', 'worker', 'namespace'],
  'work unit': ['work unit', 'attempt', 'work spec', 'worker', 'namespace'],
  attempt: ['attempt', 'work unit', 'work spec', 'worker', 'namespace'],
  worker: ['worker', 'namespace'],
};

function sameCounts(a: SnapshotCounts, b: SnapshotCounts): boolean {
  return (Object.keys(a) as (keyof SnapshotCounts)[]).every((key) => a[key] === b[key]);
}
