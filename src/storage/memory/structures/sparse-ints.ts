const CHUNK_BITS = 12;
const CHUNK_MASK = (1 << CHUNK_BITS) - 1;

/** A number for each id of a record table, 0 until it is set: eight bytes each where any nearby is set. */
export class SparseFloats {
  private readonly chunks: (Float64Array | undefined)[] = [];

  get(id: number): number {
    const chunk = this.chunks[id >>> CHUNK_BITS];
    return chunk === undefined ? 0 : chunk[id & CHUNK_MASK];
  }

  set(id: number, value: number): void {
    const at = id >>> CHUNK_BITS;
    if (value === 0 && this.chunks[at] === undefined) return;
    while (this.chunks.length <= at) this.chunks.push(undefined);
    const chunk = (this.chunks[at] ??= new Float64Array(1 << CHUNK_BITS));
    chunk[id & CHUNK_MASK] = value;
  }
}

/** A signed 32-bit number for each id of a record table, 0 until it is set: four bytes each where any nearby is set. */
export class SparseInts {
  private readonly chunks: (Int32Array | undefined)[] = [];

  get(id: number): number {
    const chunk = this.chunks[id >>> CHUNK_BITS];
    return chunk === undefined ? 0 : chunk[id & CHUNK_MASK];
  }

  set(id: number, value: number): void {
    const at = id >>> CHUNK_BITS;
    if (value === 0 && this.chunks[at] === undefined) return;
    while (this.chunks.length <= at) this.chunks.push(undefined);
    const chunk = (this.chunks[at] ??= new Int32Array(1 << CHUNK_BITS));
    chunk[id & CHUNK_MASK] = value;
  }

  /** All that are above zero, in no order that matters. */
  *positive(): Generator<number> {
    for (const chunk of this.chunks) for (const value of chunk ?? []) if (value > 0) yield value;
  }
}
