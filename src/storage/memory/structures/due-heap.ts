import { givenUp, offHeap } from './off-heap.js';
import type { RecordTable } from './record-table.js';
import { sortingByKeys } from './sort-by-keys.js';

/** A chunk has 4,096 cells of two floats: a member's due moment and its id. */
const CHUNK_BITS = 12;
const CHUNK_CELLS = 1 << CHUNK_BITS;
const CHUNK_MASK = CHUNK_CELLS - 1;
const FIRST_CHUNK_CELLS = 32;

/**
 * The cell of the earliest member. The children of cell c are 4c-8 to 4c-5: with the heap beginning here they never
 * straddle chunks, and share a cache line.
 */
const TOP = 3;

/** Cells that are gathered in one step, and members that are visited or moved in one. Powers of two. */
const BLOCK = 4_096;
const BLOCK_MASK = BLOCK - 1;
const VISITS = 64;
const VISITS_MASK = VISITS - 1;

/** The position of members that have been taken and wait for their visit. */
const TAKEN = -1;

/**
 * Members by the moment they are due: a 4-ary heap outside the V8 heap, in chunks, so that it never copies itself to grow.
 * It keeps each member's due moment beside its id, 16 bytes together, and reads `dueOf` in `add` and `changed` only.
 * `earliest` is O(1); `add`, `remove` and `changed` are O(log n), `add` mostly O(1).
 */
export class DueHeap {
  private members = 0;
  private readonly chunks: Float64Array[] = [new Float64Array(FIRST_CHUNK_CELLS * 2)];

  /**
   * @param positionField an int field of the members' records that the heap has for itself: 0 = not in the heap
   * @param dueOf when a member is due; never NaN, Infinity = never
   */
  constructor(
    private readonly records: RecordTable,
    private readonly positionField: number,
    private readonly dueOf: (id: number) => number,
  ) {}

  get size(): number {
    return this.members;
  }

  /** Bytes reserved for cells. */
  get bytesReserved(): number {
    return (this.chunks.length - 1) * CHUNK_CELLS * 16;
  }

  /** When the first member is due, Infinity when there is none. */
  earliest(): number {
    return this.members === 0 ? Infinity : this.due(TOP);
  }

  /** The member that is due first; there must be one. */
  first(): number {
    return this.id(TOP);
  }

  /** Adds a member that is not in the heap. */
  add(id: number): void {
    const cell = TOP + this.members++;
    this.makeRoom(cell);
    this.rise(cell, id, this.dueOf(id));
  }

  /** Takes a member out; one that waits for its visit will not be visited. Does nothing for one that is not there. */
  remove(id: number): void {
    const cell = this.positionOf(id);
    if (cell !== 0) this.setPositionOf(id, 0);
    if (cell < TOP) return;
    const last = TOP + --this.members;
    if (cell !== last) this.settle(cell, this.id(last), this.due(last));
    this.dropRoom();
  }

  /** A member's due moment has changed. One that waits for its visit is in the heap again instead. */
  changed(id: number): void {
    const cell = this.positionOf(id);
    if (cell < TOP) this.add(id);
    else this.settle(cell, id, this.dueOf(id));
  }

  /** Whether more than so many members are due by now. Looks at no more of them than that. */
  hasDue(now: number, more: number): boolean {
    if (this.members === 0 || this.earliest() > now) return false;
    const end = TOP + this.members;
    const cells = [TOP];
    let count = 1;
    while (cells.length > 0 && count <= more) {
      const child = cells.pop()! * 4 - 8;
      for (let cell = child; cell < child + 4 && cell < end; cell++) {
        if (this.due(cell) > now) continue;
        cells.push(cell);
        count++;
      }
    }
    return count > more;
  }

  /**
   * Takes all members out that are due by now, then visits them in ascending order of due; `visit` may add and remove
   * members. Returns how many were taken. About 100 ns per member if many are due at once: those due are the top of the
   * heap, so that they are gathered without comparing and the rest is repaired once.
   */
  takeDue(now: number, visit: (id: number) => void): number {
    if (this.members === 0 || this.earliest() > now) return 0;
    const steps = this.takingDue(now, visit);
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
    }
  }

  /** As takeDue, in steps of so many small ones. Between them nobody but `visit` may touch the heap or its members. */
  *takingDue(now: number, visit: (id: number) => void): Generator<number, number> {
    if (this.members === 0 || this.earliest() > now) return 0;
    const cells = yield* this.cellsDue(now);
    const keys = new Float64Array(cells.length);
    const gathered = new Int32Array(cells.length);
    for (let at = 0; at < cells.length; at++) {
      keys[at] = this.due(cells[at]);
      gathered[at] = this.id(cells[at]);
      this.setPositionOf(gathered[at], TAKEN);
      if ((at & BLOCK_MASK) === BLOCK_MASK) yield BLOCK;
    }
    yield* this.refill(cells);
    yield* this.visitAll(yield* sortingByKeys(gathered, keys), visit);
    return cells.length;
  }

  /** Visits those that still wait for it. When a visit throws, the others are in the heap again. */
  private *visitAll(ids: Int32Array, visit: (id: number) => void): Generator<number> {
    let next = 0;
    try {
      while (next < ids.length) {
        const id = ids[next++];
        if (this.positionOf(id) === TAKEN) {
          this.setPositionOf(id, 0);
          visit(id);
        }
        if ((next & VISITS_MASK) === 0) yield VISITS;
      }
    } finally {
      for (; next < ids.length; next++) if (this.positionOf(ids[next]) === TAKEN) this.add(ids[next]);
    }
  }

  /** The cells whose members are due, ascending: each but the first is below another. */
  private *cellsDue(now: number): Generator<number, Int32Array> {
    const end = TOP + this.members;
    let cells = new Int32Array(16);
    cells[0] = TOP;
    let count = 1;
    for (let next = 0; next < count; next++) {
      const child = cells[next] * 4 - 8;
      if (count + 4 > cells.length) {
        const more = new Int32Array(cells.length * 2);
        more.set(cells);
        cells = more;
      }
      for (let cell = child; cell < child + 4 && cell < end; cell++) if (this.due(cell) <= now) cells[count++] = cell;
      if ((next & BLOCK_MASK) === BLOCK_MASK) yield BLOCK;
    }
    return cells.subarray(0, count);
  }

  /** Closes the gaps that taken members leave at the top with the last ones, the lowest gap first. */
  private *refill(gaps: Int32Array): Generator<number> {
    let last = TOP + this.members - 1;
    this.members -= gaps.length;
    const end = TOP + this.members;
    let lastGap = gaps.length - 1;
    let gap = lastGap;
    while (gap >= 0 && gaps[gap] >= end) gap--;
    for (; gap >= 0; gap--) {
      while (gaps[lastGap] === last) {
        lastGap--;
        last--;
      }
      this.sink(gaps[gap], this.id(last), this.due(last));
      last--;
      if ((gap & VISITS_MASK) === 0) yield VISITS;
    }
    this.dropRoom();
  }

  /** Puts a member where it belongs, above or below a cell that is free. */
  private settle(cell: number, id: number, due: number): void {
    if (cell > TOP && this.due(parentOf(cell)) > due) this.rise(cell, id, due);
    else this.sink(cell, id, due);
  }

  private rise(cell: number, id: number, due: number): void {
    while (cell > TOP) {
      const parent = parentOf(cell);
      const above = this.due(parent);
      if (above <= due) break;
      this.put(cell, this.id(parent), above);
      cell = parent;
    }
    this.put(cell, id, due);
  }

  private sink(cell: number, id: number, due: number): void {
    const end = TOP + this.members;
    for (;;) {
      let child = cell * 4 - 8;
      if (child >= end) break;
      const chunk = this.chunks[child >>> CHUNK_BITS];
      const first = (child & CHUNK_MASK) * 2;
      const last = first + Math.min(end - child, 4) * 2;
      let least = first;
      for (let at = first + 2; at < last; at += 2) if (chunk[at] < chunk[least]) least = at;
      if (chunk[least] >= due) break;
      child += (least - first) >>> 1;
      this.put(cell, chunk[least + 1], chunk[least]);
      cell = child;
    }
    this.put(cell, id, due);
  }

  private positionOf(id: number): number {
    return this.records.getInt(id, this.positionField);
  }

  private setPositionOf(id: number, position: number): void {
    this.records.setInt(id, this.positionField, position);
  }

  private due(cell: number): number {
    return this.chunks[cell >>> CHUNK_BITS][(cell & CHUNK_MASK) * 2];
  }

  private id(cell: number): number {
    return this.chunks[cell >>> CHUNK_BITS][(cell & CHUNK_MASK) * 2 + 1];
  }

  private put(cell: number, id: number, due: number): void {
    const chunk = this.chunks[cell >>> CHUNK_BITS];
    const at = (cell & CHUNK_MASK) * 2;
    chunk[at] = due;
    chunk[at + 1] = id;
    this.setPositionOf(id, cell);
  }

  /** Doubles the first chunk until it is a full one, then adds chunks. */
  private makeRoom(cell: number): void {
    const { chunks } = this;
    const chunk = cell >>> CHUNK_BITS;
    if (chunk === chunks.length) {
      chunks.push(new Float64Array(offHeap(CHUNK_CELLS * 16)));
    } else if (cell * 2 === chunks[0].length) {
      const small = chunks[0];
      chunks[0] = new Float64Array(small.length * 2);
      chunks[0].set(small);
    }
  }

  /** Gives back all chunks after those in use but one. */
  private dropRoom(): void {
    const needed = ((TOP + this.members) >>> CHUNK_BITS) + 2;
    while (this.chunks.length > needed) {
      const chunk = this.chunks.pop()!;
      givenUp(chunk.byteLength, chunk);
    }
  }
}

function parentOf(cell: number): number {
  return (cell + 8) >>> 2;
}
