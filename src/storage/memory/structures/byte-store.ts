import { noteHeap } from './off-heap.js';
import { FIRST_FOREIGN_REF, MAX_BLOCK_BYTES, SlabHeap } from './slab-heap.js';

/** Reference to stored bytes: 1 or more, an unsigned 32-bit number. Kept in a signed field it comes back by `>>> 0`. */
export type ByteRef = number;

/** Up to here a loop copies faster than a call of the runtime does. */
const LOOP_BYTES = 32;

interface LargeBytes {
  readonly bytes: Buffer;
  references: number;
}

/**
 * Immutable byte strings with counts of references, outside the V8 heap: 8 bytes of header each, rounded up to 8. Those
 * above 128 KiB have a Buffer of their own. All but the copying itself is O(1). Nobody checks references: one must not
 * be used after its last release.
 */
export class ByteStore {
  private readonly heap = new SlabHeap();
  private readonly large = new Map<ByteRef, LargeBytes>();
  private readonly vacantLarge: ByteRef[] = [];
  private largeBytes = 0;

  /** Bytes that all stored strings take, headers and padding included. */
  get bytesInUse(): number {
    return this.heap.bytesInUse + this.largeBytes;
  }

  /** Bytes reserved from the system for them. */
  get bytesReserved(): number {
    return this.heap.bytesReserved + this.largeBytes;
  }

  /** Bytes of those strings that have a Buffer of their own, which V8 counts. */
  get largeBytesInUse(): number {
    return this.largeBytes;
  }

  /**
   * Stores a copy of the bytes, with a count of 1. Above 128 KiB, those that fill a buffer of their own are kept as they are,
   * since to copy 60 MB holds everybody up: nobody may write to them afterwards.
   */
  put(bytes: Uint8Array): ByteRef {
    const length = bytes.length;
    if (length > MAX_BLOCK_BYTES) return this.putLarge(ownBuffer(bytes) ?? Buffer.from(bytes));
    const ref = this.heap.allocate(length);
    copy(bytes, 0, length, this.heap.buffer(ref), this.heap.start(ref));
    return ref >>> 0;
  }

  /** Stores a binary string (one char, 0 to 255, per byte), with a count of 1. */
  putName(name: string): ByteRef {
    const length = name.length;
    if (length > MAX_BLOCK_BYTES) return this.putLarge(Buffer.from(name, 'latin1'));
    const ref = this.heap.allocate(length);
    const buffer = this.heap.buffer(ref);
    const start = this.heap.start(ref);
    if (length > LOOP_BYTES) buffer.latin1Write(name, start, length);
    else for (let at = 0; at < length; at++) buffer[start + at] = name.charCodeAt(at);
    return ref >>> 0;
  }

  /** One reference more. */
  retain(ref: ByteRef): void {
    if (isLarge(ref)) this.large.get(ref)!.references++;
    else this.heap.retain(ref);
  }

  /** One reference less; with the last the bytes are gone and their reference may name others. */
  release(ref: ByteRef): void {
    if (isLarge(ref)) this.releaseLarge(ref);
    else this.heap.release(ref);
  }

  length(ref: ByteRef): number {
    return isLarge(ref) ? this.buffer(ref).length : this.heap.length(ref);
  }

  /** The bytes, not to be written to: a copy of them, unless they have a Buffer of their own, which nobody changes. */
  read(ref: ByteRef): Buffer {
    if (isLarge(ref)) return this.buffer(ref);
    const target = Buffer.allocUnsafe(this.length(ref));
    this.copyTo(ref, target, 0);
    return target;
  }

  /** The bytes themselves, not to be written to; valid until the next `put` or `release` of this store. */
  view(ref: ByteRef): Buffer {
    const start = this.start(ref);
    return this.buffer(ref).subarray(start, start + this.length(ref));
  }

  /** Copies the bytes to `target` from `offset` on, where there must be room, and returns their number. */
  copyTo(ref: ByteRef, target: Uint8Array, offset: number): number {
    const length = this.length(ref);
    copy(this.buffer(ref), this.start(ref), length, target, offset);
    return length;
  }

  /** The bytes as a binary string. */
  readName(ref: ByteRef): string {
    const start = this.start(ref);
    return this.buffer(ref).latin1Slice(start, start + this.length(ref));
  }

  /** Bytewise: below zero when the stored bytes come before the binary string, zero when they are the same. */
  compareName(ref: ByteRef, name: string): number {
    const buffer = this.buffer(ref);
    const start = this.start(ref);
    const length = this.length(ref);
    const common = Math.min(length, name.length);
    for (let at = 0; at < common; at++) {
      const difference = buffer[start + at] - name.charCodeAt(at);
      if (difference !== 0) return difference;
    }
    return length - name.length;
  }

  /** Whether the stored bytes are those of the binary string. */
  equalsName(ref: ByteRef, name: string): boolean {
    const length = this.length(ref);
    if (length !== name.length) return false;
    const buffer = this.buffer(ref);
    const start = this.start(ref);
    for (let at = 0; at < length; at++) if (buffer[start + at] !== name.charCodeAt(at)) return false;
    return true;
  }

  /** Bytewise: below zero when the first comes before the second, zero when they are the same bytes. */
  compare(ref: ByteRef, other: ByteRef): number {
    return ref === other ? 0 : this.view(ref).compare(this.view(other));
  }

  private buffer(ref: ByteRef): Buffer {
    return isLarge(ref) ? this.large.get(ref)!.bytes : this.heap.buffer(ref);
  }

  private start(ref: ByteRef): number {
    return isLarge(ref) ? 0 : this.heap.start(ref);
  }

  private putLarge(bytes: Buffer): ByteRef {
    const ref = this.vacantLarge.pop() ?? FIRST_FOREIGN_REF + this.large.size;
    this.large.set(ref, { bytes, references: 1 });
    this.largeBytes += bytes.length;
    noteHeap(bytes.length);
    return ref;
  }

  private releaseLarge(ref: ByteRef): void {
    const large = this.large.get(ref)!;
    if (--large.references > 0) return;
    this.large.delete(ref);
    this.vacantLarge.push(ref);
    this.largeBytes -= large.bytes.length;
  }
}

/** Bytes that nobody else has a part of. */
function ownBuffer(bytes: Uint8Array): Buffer | undefined {
  return Buffer.isBuffer(bytes) && bytes.byteLength === bytes.buffer.byteLength ? bytes : undefined;
}

function isLarge(ref: ByteRef): boolean {
  return ref >= FIRST_FOREIGN_REF;
}

function copy(source: Uint8Array, from: number, length: number, target: Uint8Array, to: number): void {
  if (length > LOOP_BYTES) target.set(new Uint8Array(source.buffer, source.byteOffset + from, length), to);
  else for (let at = 0; at < length; at++) target[to + at] = source[from + at];
}
