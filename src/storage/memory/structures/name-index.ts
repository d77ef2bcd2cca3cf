import { givenUp, offHeap } from './off-heap.js';

export { hashName } from '../../../structures/name-hash.js';

/** What a name index must know of its members. */
export interface NamedMembers {
  /** The hash of the member's name, by `hashName`. */
  hashOf(id: number): number;
  hasName(id: number, name: string): boolean;
}

/**
 * One part of the table: [members, depth], then slots of [hash, id]; id 0 = empty. All its members agree in the first
 * `depth` bits of their hashes.
 */
type Segment = Int32Array;

const MEMBERS = 0;
const DEPTH = 1;
const FIRST_SLOT = 2;

/** The directory has 2^16 entries at most, which is good for 100 million members; beyond that segments just grow. */
const MAX_DEPTH = 16;
const MIN_SLOTS = 8;
const MAX_SLOTS = 2048;
/** A segment that is fuller than MAX_LOAD grows by GROWTH; a new one is not fuller than FIT_LOAD. */
const MAX_LOAD = 0.85;
const FIT_LOAD = 0.7;
const GROWTH = 1.25;
/** Two halves of a segment with so many members together are joined. */
const JOIN_MEMBERS = 512;

/**
 * Finds members by name: extendible hashing. The first bits of a name's hash choose, through a directory, a segment of
 * at most 2,048 slots, in which the last bits choose where to begin to look. A segment that is full grows by a quarter
 * or, at its largest, is split in two, alone, so that no operation touches more than a few thousand slots (about 20 µs);
 * only segments whose hashes all agree in 16 bits would grow on, which names can't be made to do without the process's
 * key. Segments that empty shrink and join again.
 *
 * Operations are O(1), about two cache misses; 8 bytes of hash and id at a load of 0.66 to 0.85 make 9.4 to 12 bytes per
 * member. Members' hashes and names are not looked at but to tell apart equal hashes.
 */
export class NameIndex {
  private members = 0;
  private depth = 0;
  private reserved = 0;
  private directory: Segment[] = [this.newSegment(0, 0)];
  private readonly named: NamedMembers;

  constructor(members: NamedMembers) {
    this.named = members;
  }

  get size(): number {
    return this.members;
  }

  /** Bytes reserved for segments. */
  get bytesReserved(): number {
    return this.reserved;
  }

  /** The member of that name, whose hash must be `hashName(name)`; 0 = none. */
  find(name: string, hash: number): number {
    const segment = this.segmentOf(hash);
    let at = homeOf(segment, hash);
    for (;;) {
      const id = segment[at + 1];
      if (id === 0) return 0;
      if (segment[at] === hash && this.named.hasName(id, name)) return id;
      at += 2;
      if (at === segment.length) at = FIRST_SLOT;
    }
  }

  /** Adds a member, which must not be there, nor another of its name. */
  insert(id: number): void {
    const hash = this.named.hashOf(id);
    let segment = this.segmentOf(hash);
    while (isFull(segment)) {
      if (slotsOf(segment) < MAX_SLOTS || segment[DEPTH] === MAX_DEPTH) this.resize(segment, hash);
      else this.split(segment, hash);
      segment = this.segmentOf(hash);
    }
    place(segment, hash, id);
    this.members++;
  }

  /** Takes a member out. Its record must still have the name it was inserted under. */
  remove(id: number): void {
    const hash = this.named.hashOf(id);
    const segment = this.segmentOf(hash);
    let at = homeOf(segment, hash);
    while (segment[at + 1] !== id) {
      if (segment[at + 1] === 0) throw new Error(`no member ${id} in the name index`);
      at += 2;
      if (at === segment.length) at = FIRST_SLOT;
    }
    closeGap(segment, at);
    this.members--;
    if (segment[MEMBERS] * 4 < slotsOf(segment) && slotsOf(segment) > MIN_SLOTS) this.resize(segment, hash);
    if (segment[MEMBERS] <= JOIN_MEMBERS) this.join(hash);
  }

  private segmentOf(hash: number): Segment {
    return this.directory[this.entryOf(hash)];
  }

  /** The first `depth` bits of the hash; in two shifts, since by 32 JavaScript would not shift at all. */
  private entryOf(hash: number): number {
    return (hash >>> 1) >>> (31 - this.depth);
  }

  /** Makes all directory entries of the segment that the hash is in, at the given depth, lead to another. */
  private redirect(hash: number, depth: number, segment: Segment): void {
    const span = 1 << (this.depth - depth);
    const first = this.entryOf(hash) & -span;
    this.directory.fill(segment, first, first + span);
  }

  /** Gives the segment the size that fits its members and one more. */
  private resize(segment: Segment, hash: number): void {
    const resized = this.newSegment(segment[DEPTH], segment[MEMBERS] + 1);
    placeAll(resized, segment);
    this.redirect(hash, segment[DEPTH], resized);
    this.drop(segment);
  }

  /** Deals the segment's members to two by the next bit of their hashes. */
  private split(segment: Segment, hash: number): void {
    const depth = segment[DEPTH] + 1;
    if (depth > this.depth) {
      this.directory = Array.from({ length: this.directory.length * 2 }, (_, entry) => this.directory[entry >>> 1]);
      this.depth++;
    }
    const bit = 1 << (32 - depth);
    let ones = 0;
    for (let at = FIRST_SLOT; at < segment.length; at += 2) if (segment[at + 1] !== 0 && segment[at] & bit) ones++;
    const zero = this.newSegment(depth, segment[MEMBERS] - ones + 1);
    const one = this.newSegment(depth, ones + 1);
    for (let at = FIRST_SLOT; at < segment.length; at += 2) {
      if (segment[at + 1] !== 0) place(segment[at] & bit ? one : zero, segment[at], segment[at + 1]);
    }
    this.redirect(hash & ~bit, depth, zero);
    this.redirect(hash | bit, depth, one);
    this.drop(segment);
  }

  /** Makes one of two sparse segments that differ in their last bit, as long as there are any at the hash. */
  private join(hash: number): void {
    for (;;) {
      const segment = this.segmentOf(hash);
      const depth = segment[DEPTH];
      if (depth === 0) return;
      const other = this.segmentOf(hash ^ (1 << (32 - depth)));
      const members = segment[MEMBERS] + other[MEMBERS];
      if (other[DEPTH] !== depth || members > JOIN_MEMBERS) return;
      const joined = this.newSegment(depth - 1, members);
      placeAll(joined, segment);
      placeAll(joined, other);
      this.redirect(hash, depth - 1, joined);
      this.drop(segment);
      this.drop(other);
    }
  }

  private newSegment(depth: number, members: number): Segment {
    const segment = new Int32Array(offHeap((FIRST_SLOT + slotsFor(members) * 2) * 4));
    segment[DEPTH] = depth;
    this.reserved += segment.byteLength;
    return segment;
  }

  private drop(segment: Segment): void {
    this.reserved -= segment.byteLength;
    givenUp(segment.byteLength, segment);
  }
}

/** The sizes are MAX_SLOTS and its steps down and up by GROWTH, so that segments that fill at the same rate keep in step. */
function slotsFor(members: number): number {
  let slots = MAX_SLOTS;
  while (members > slots * FIT_LOAD) slots = Math.ceil(slots * GROWTH);
  while (slots > MIN_SLOTS && members <= Math.floor(slots / GROWTH) * FIT_LOAD) slots = Math.floor(slots / GROWTH);
  return slots;
}

function slotsOf(segment: Segment): number {
  return (segment.length - FIRST_SLOT) >>> 1;
}

function isFull(segment: Segment): boolean {
  return segment[MEMBERS] + 1 > slotsOf(segment) * MAX_LOAD;
}

/** The slot where to begin: the last 16 bits of the hash, as a fraction of the slots. */
function homeOf(segment: Segment, hash: number): number {
  return FIRST_SLOT + (Math.imul(hash & 0xffff, slotsOf(segment)) >>> 16) * 2;
}

function place(segment: Segment, hash: number, id: number): void {
  let at = homeOf(segment, hash);
  while (segment[at + 1] !== 0) {
    at += 2;
    if (at === segment.length) at = FIRST_SLOT;
  }
  segment[at] = hash;
  segment[at + 1] = id;
  segment[MEMBERS]++;
}

function placeAll(target: Segment, source: Segment): void {
  for (let at = FIRST_SLOT; at < source.length; at += 2) {
    if (source[at + 1] !== 0) place(target, source[at], source[at + 1]);
  }
}

/** Empties a slot, and moves up those after it that a search would otherwise not reach any more. */
function closeGap(segment: Segment, at: number): void {
  let gap = at;
  for (;;) {
    at += 2;
    if (at === segment.length) at = FIRST_SLOT;
    if (segment[at + 1] === 0) break;
    const home = homeOf(segment, segment[at]);
    const reachable = gap < at ? home > gap && home <= at : home > gap || home <= at;
    if (reachable) continue;
    segment[gap] = segment[at];
    segment[gap + 1] = segment[at + 1];
    gap = at;
  }
  segment[gap] = 0;
  segment[gap + 1] = 0;
  segment[MEMBERS]--;
}
