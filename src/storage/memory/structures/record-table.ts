import { givenUp, offHeap } from './off-heap.js';

/** What a record holds: so many 64-bit floats and so many signed 32-bit integers. */
export interface RecordLayout {
  readonly floats: number;
  readonly ints: number;
  /** Records to make room for with the first allocation: a power of two from 2 on, default 16. */
  readonly initial?: number;
}

const CHUNK_RECORDS = 4096;
const CHUNK_BYTES = 1 << 19;

/**
 * Records of one layout, outside the V8 heap and therefore no work for its garbage collector: an array of structures in
 * chunks of at most 4,096 records and 512 KiB. A record is known by its id, 1 or more; ids of freed records are used again.
 * Only the first chunk is ever copied, doubling from a few records to the full size, so that small tables stay small and
 * large ones never pause.
 *
 * A record takes 8 bytes per float and 4 per int, rounded up to 8; every operation is O(1). Ints are signed: read an
 * unsigned value with `>>> 0`.
 */
export class RecordTable {
  private allocated = 0;
  private used = 1;
  private firstFree = 0;
  private room = 0;
  private readonly initial: number;
  private readonly chunkRecords: number;
  private readonly intChunks: Int32Array[] = [];
  private readonly floatChunks: Float64Array[] = [];
  private readonly shift: number;
  private readonly mask: number;
  private readonly stride: number;
  private readonly firstInt: number;

  constructor(layout: RecordLayout) {
    const words = layout.floats * 2 + layout.ints;
    this.stride = Math.max(words + (words & 1), 2);
    this.firstInt = layout.floats * 2;
    this.shift = Math.min(Math.log2(CHUNK_RECORDS), 31 - Math.clz32(CHUNK_BYTES / (this.stride * 4)));
    this.chunkRecords = 1 << this.shift;
    this.mask = this.chunkRecords - 1;
    this.initial = Math.min(layout.initial ?? 16, this.chunkRecords);
  }

  /** The number of records allocated and not freed. */
  get size(): number {
    return this.allocated;
  }

  /** Bytes reserved for records. */
  get bytesReserved(): number {
    return this.room * this.stride * 4;
  }

  /** The id, 1 or more, of a record whose fields are all zero. */
  allocate(): number {
    this.allocated++;
    const id = this.firstFree;
    if (id !== 0) {
      const ints = this.intsOf(id);
      const word = this.wordOf(id);
      this.firstFree = ints[word];
      ints[word] = 0;
      return id;
    }
    if (this.used >= this.room) this.grow();
    return this.used++;
  }

  /** Gives the record's id back for the next allocation. The record must be one in use. */
  free(id: number): void {
    const ints = this.intsOf(id);
    const word = this.wordOf(id);
    for (let at = word + this.stride; at-- > word;) ints[at] = 0;
    ints[word] = this.firstFree;
    this.firstFree = id;
    this.allocated--;
  }

  /** A new record with what one of another table of the same layout holds. @returns its id */
  copyOf(other: RecordTable, id: number): number {
    const copy = this.allocate();
    const from = other.wordOf(id);
    const source = other.intsOf(id);
    const to = this.wordOf(copy);
    const target = this.intsOf(copy);
    for (let word = 0; word < this.stride; word++) target[to + word] = source[from + word];
    return copy;
  }

  getInt(id: number, field: number): number {
    return this.intChunks[id >>> this.shift][(id & this.mask) * this.stride + this.firstInt + field];
  }

  setInt(id: number, field: number, value: number): void {
    this.intChunks[id >>> this.shift][(id & this.mask) * this.stride + this.firstInt + field] = value;
  }

  getFloat(id: number, field: number): number {
    return this.floatChunks[id >>> this.shift][(((id & this.mask) * this.stride) >>> 1) + field];
  }

  setFloat(id: number, field: number, value: number): void {
    this.floatChunks[id >>> this.shift][(((id & this.mask) * this.stride) >>> 1) + field] = value;
  }

  /** For loops over a record: the chunk that holds it, as 32-bit words. Valid until the next allocation. */
  intsOf(id: number): Int32Array {
    return this.intChunks[id >>> this.shift];
  }

  /** The same chunk as 64-bit floats. Valid until the next allocation. */
  floatsOf(id: number): Float64Array {
    return this.floatChunks[id >>> this.shift];
  }

  /** Where the record begins in `intsOf`; half of that in `floatsOf`. */
  wordOf(id: number): number {
    return (id & this.mask) * this.stride;
  }

  /** Doubles the first chunk until it is a full one, then adds chunks. */
  private grow(): void {
    if (this.room >= this.chunkRecords) {
      this.setChunk(this.intChunks.length, this.chunkRecords);
      this.room += this.chunkRecords;
      return;
    }
    const small = this.intChunks[0];
    this.room = small === undefined ? this.initial : this.room * 2;
    this.setChunk(0, this.room);
    if (small === undefined) return;
    this.intChunks[0].set(small);
    givenUp(small.byteLength, small);
  }

  private setChunk(index: number, records: number): void {
    const bytes = offHeap(records * this.stride * 4);
    this.intChunks[index] = new Int32Array(bytes);
    this.floatChunks[index] = new Float64Array(bytes);
  }
}
