const CHUNK_BITS = 12;
const CHUNK = 1 << CHUNK_BITS;
const CHUNK_MASK = CHUNK - 1;

/** A number for each id of a record table, 0 until it is set, which takes room where any nearby is set. */
abstract class SparseNumbers<Chunk extends Int32Array | Float64Array> {
  protected readonly chunks: (Chunk | undefined)[] = [];

  get(id: number): number {
    const chunk = this.chunks[id >>> CHUNK_BITS];
    return chunk === undefined ? 0 : chunk[id & CHUNK_MASK];
  }

  set(id: number, value: number): void {
    const at = id >>> CHUNK_BITS;
    if (value === 0 && this.chunks[at] === undefined) return;
    while (this.chunks.length <= at) this.chunks.push(undefined);
    const chunk = (this.chunks[at] ??= this.makeChunk());
    chunk[id & CHUNK_MASK] = value;
  }

  protected abstract makeChunk(): Chunk;
}

/** Any number, of eight bytes. */
export class SparseFloats extends SparseNumbers<Float64Array> {
  protected override makeChunk(): Float64Array {
    return new Float64Array(CHUNK);
  }
}

/** A signed 32-bit one, of four bytes. */
export class SparseInts extends SparseNumbers<Int32Array> {
  /** All that are above zero, in no order that matters. */
  *positive(): Generator<number> {
    for (const chunk of this.chunks) for (const value of chunk ?? []) if (value > 0) yield value;
  }

  protected override makeChunk(): Int32Array {
    return new Int32Array(CHUNK);
  }
}
