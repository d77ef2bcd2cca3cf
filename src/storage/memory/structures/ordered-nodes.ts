import { type RecordLayout, RecordTable } from './record-table.js';

/** What an ordered index must know of its members. */
export interface OrderedMembers {
  /** The member's name compared with another, bytewise: below zero when the member's comes first. */
  compareName(id: number, name: string): number;
  /** A field of the member's record that the index has for itself. */
  leafOf(id: number): number;
  setLeafOf(id: number, leaf: number): void;
  categoryOf(id: number): number;
  /** Higher ranks come first. Never NaN; may be infinite; -0 is 0. */
  rankOf(id: number): number;
}

/** The words that every node begins with. The root's parent is 0; the slot is the node's place in its parent. */
const COUNT = 0;
const PARENT = 1;
const SLOT = 2;

const IDS = 3;
/** So many that a leaf is 256 bytes. */
export const LEAF_MEMBERS = 61;

const ENTRIES = 4;
export const FANOUT = 64;

/**
 * An entry of a branch sums up one child: the highest rank of its members in the ranked category (a float, -Infinity when
 * there are none), the child, its first member, how many have that highest rank, and its members in each category.
 */
const CHILD = 2;
const FIRST = 3;
const TIES = 4;
const COUNTS = 5;

/** Nodes of a tree: each knows its parent and its slot there, so that a change finds its way to the root. */
class Nodes {
  private readonly records: RecordTable;

  constructor(layout: RecordLayout) {
    this.records = new RecordTable(layout);
  }

  get bytesReserved(): number {
    return this.records.bytesReserved;
  }

  allocate(): number {
    return this.records.allocate();
  }
  free(node: number): void {
    this.records.free(node);
  }

  protected intsOf(node: number): Int32Array {
    return this.records.intsOf(node);
  }
  protected floatsOf(node: number): Float64Array {
    return this.records.floatsOf(node);
  }
  protected wordOf(node: number): number {
    return this.records.wordOf(node);
  }

  /** How many members or children it has. */
  count(node: number): number {
    return this.intsOf(node)[this.wordOf(node) + COUNT];
  }
  setCount(node: number, count: number): void {
    this.intsOf(node)[this.wordOf(node) + COUNT] = count;
  }

  parent(node: number): number {
    return this.intsOf(node)[this.wordOf(node) + PARENT];
  }
  slot(node: number): number {
    return this.intsOf(node)[this.wordOf(node) + SLOT];
  }
  setParent(node: number, parent: number, slot: number): void {
    this.intsOf(node)[this.wordOf(node) + PARENT] = parent;
    this.intsOf(node)[this.wordOf(node) + SLOT] = slot;
  }
}

/** The leaves of an ordered index: ids of members in the order of their names. */
export class Leaves extends Nodes {
  constructor() {
    super({ floats: 0, ints: IDS + LEAF_MEMBERS, initial: 4 });
  }

  id(leaf: number, at: number): number {
    return this.intsOf(leaf)[this.wordOf(leaf) + IDS + at];
  }

  /** Where in the leaf the member is, -1 = not there. */
  indexOf(leaf: number, id: number): number {
    const words = this.intsOf(leaf);
    const first = this.wordOf(leaf) + IDS;
    for (let at = this.count(leaf) - 1; at >= 0; at--) if (words[first + at] === id) return at;
    return -1;
  }

  /** Puts a member at a place in a leaf that has room. */
  insert(leaf: number, at: number, id: number): void {
    const words = this.intsOf(leaf);
    const place = this.wordOf(leaf) + IDS + at;
    const count = this.count(leaf);
    for (let word = place + count - at; word > place; word--) words[word] = words[word - 1];
    words[place] = id;
    this.setCount(leaf, count + 1);
  }

  remove(leaf: number, at: number): void {
    const words = this.intsOf(leaf);
    const place = this.wordOf(leaf) + IDS + at;
    const count = this.count(leaf) - 1;
    const last = place + count - at;
    for (let word = place; word < last; word++) words[word] = words[word + 1];
    this.setCount(leaf, count);
  }

  /** Moves the members from a place on to the end of another leaf, which has room, and tells them. */
  moveTail(from: number, at: number, to: number, members: OrderedMembers): void {
    const words = this.intsOf(to);
    const end = this.wordOf(to) + IDS + this.count(to);
    const moved = this.count(from) - at;
    for (let step = 0; step < moved; step++) {
      const id = this.id(from, at + step);
      words[end + step] = id;
      members.setLeafOf(id, to);
    }
    this.setCount(from, at);
    this.setCount(to, this.count(to) + moved);
  }
}

/** The branches of an ordered index. No method here follows a child. */
export class Branches extends Nodes {
  private readonly entryWords: number;
  private readonly categories: number;
  private readonly ranked: number;

  constructor(categories: number, ranked: number) {
    const entryWords = (COUNTS + categories + 1) & ~1;
    super({ floats: (ENTRIES + FANOUT * entryWords) / 2, ints: 0, initial: 2 });
    this.entryWords = entryWords;
    this.categories = categories;
    this.ranked = ranked;
  }

  child(branch: number, slot: number): number {
    return this.intsOf(branch)[this.entryOf(branch, slot) + CHILD];
  }

  /** The first member below the slot. */
  first(branch: number, slot: number): number {
    return this.intsOf(branch)[this.entryOf(branch, slot) + FIRST];
  }
  setFirst(branch: number, slot: number, id: number): void {
    this.intsOf(branch)[this.entryOf(branch, slot) + FIRST] = id;
  }

  /** Opens a slot, moving later ones up, for a child that sums up to nothing so far. */
  open(branch: number, slot: number, child: number): void {
    const words = this.intsOf(branch);
    const entry = this.entryOf(branch, slot);
    const count = this.count(branch);
    words.copyWithin(entry + this.entryWords, entry, this.entryOf(branch, count));
    this.setCount(branch, count + 1);
    this.empty(branch, slot);
    words[entry + CHILD] = child;
    words[entry + FIRST] = 0;
  }

  /** Closes a slot, moving later ones down. */
  close(branch: number, slot: number): void {
    const entry = this.entryOf(branch, slot);
    const count = this.count(branch);
    this.intsOf(branch).copyWithin(entry, entry + this.entryWords, this.entryOf(branch, count));
    this.setCount(branch, count - 1);
  }

  /** Moves the entries from a slot on to the end of another branch, which has room. Their children don't know yet. */
  moveTail(from: number, slot: number, to: number): void {
    const moved = this.intsOf(from).subarray(this.entryOf(from, slot), this.entryOf(from, this.count(from)));
    this.intsOf(to).set(moved, this.entryOf(to, this.count(to)));
    this.setCount(to, this.count(to) + this.count(from) - slot);
    this.setCount(from, slot);
  }

  /** So many members below the slot were in category `from` and are in `to`; either may be -1, none. */
  recount(branch: number, slot: number, members: number, from: number, to: number): void {
    const words = this.intsOf(branch);
    const counts = this.entryOf(branch, slot) + COUNTS;
    if (from >= 0) words[counts + from] -= members;
    if (to >= 0) words[counts + to] += members;
  }

  /** Whether there are members below the slot in one of the categories, given as bits. */
  has(branch: number, slot: number, categories: number): boolean {
    const words = this.intsOf(branch);
    const counts = this.entryOf(branch, slot) + COUNTS;
    for (let rest = categories; rest !== 0; rest &= rest - 1) {
      if (words[counts + 31 - Math.clz32(rest & -rest)] !== 0) return true;
    }
    return false;
  }

  /** The first slot from `slot` on with members in one of the categories, -1 = none. */
  slotWith(branch: number, slot: number, categories: number): number {
    const count = this.count(branch);
    while (slot < count && !this.has(branch, slot, categories)) slot++;
    return slot < count ? slot : -1;
  }

  /** The highest rank below the branch, which must have ranked members. */
  highestRank(branch: number): number {
    const floats = this.floatsOf(branch);
    const end = this.entryOf(branch, this.count(branch)) >>> 1;
    let highest = -Infinity;
    for (let entry = this.entryOf(branch, 0) >>> 1; entry < end; entry += this.entryWords >>> 1) {
      if (floats[entry] > highest) highest = floats[entry];
    }
    return highest;
  }

  /** The first slot whose highest rank is this one; there must be one. */
  slotOfRank(branch: number, rank: number): number {
    const words = this.intsOf(branch);
    const floats = this.floatsOf(branch);
    let entry = this.entryOf(branch, 0);
    let slot = 0;
    for (; floats[entry >>> 1] !== rank || words[entry + TIES] === 0; entry += this.entryWords) slot++;
    return slot;
  }

  /** So many ranked members more. Returns whether they can matter further up. */
  addRank(branch: number, slot: number, rank: number, members: number): boolean {
    const entry = this.entryOf(branch, slot);
    const floats = this.floatsOf(branch);
    const highest = floats[entry >>> 1];
    if (rank < highest) return false;
    if (rank === highest) {
      this.intsOf(branch)[entry + TIES] += members;
    } else {
      this.intsOf(branch)[entry + TIES] = members;
      floats[entry >>> 1] = rank;
    }
    return true;
  }

  /** So many ranked members less. Returns whether they can matter further up; see `lacksRank`. */
  dropRank(branch: number, slot: number, rank: number, members: number): boolean {
    const entry = this.entryOf(branch, slot);
    const floats = this.floatsOf(branch);
    if (rank < floats[entry >>> 1]) return false;
    if ((this.intsOf(branch)[entry + TIES] -= members) === 0) floats[entry >>> 1] = -Infinity;
    return true;
  }

  /** Whether there are ranked members, but their highest rank is to be found anew. */
  lacksRank(branch: number, slot: number): boolean {
    const words = this.intsOf(branch);
    const entry = this.entryOf(branch, slot);
    return words[entry + TIES] === 0 && words[entry + COUNTS + this.ranked] !== 0;
  }

  /** Makes the slot sum up to nothing. */
  empty(branch: number, slot: number): void {
    const words = this.intsOf(branch);
    const entry = this.entryOf(branch, slot);
    this.floatsOf(branch)[entry >>> 1] = -Infinity;
    words[entry + TIES] = 0;
    for (let category = 0; category < this.categories; category++) words[entry + COUNTS + category] = 0;
  }

  /** Adds what another slot sums up. */
  add(branch: number, slot: number, otherBranch: number, otherSlot: number): void {
    const words = this.intsOf(branch);
    const others = this.intsOf(otherBranch);
    const counts = this.entryOf(branch, slot) + COUNTS;
    const otherCounts = this.entryOf(otherBranch, otherSlot) + COUNTS;
    for (let category = 0; category < this.categories; category++) {
      words[counts + category] += others[otherCounts + category];
    }
    this.addHighest(branch, slot, otherBranch, otherSlot);
  }

  /** Adds the highest rank of another slot only. */
  addHighest(branch: number, slot: number, otherBranch: number, otherSlot: number): void {
    const words = this.intsOf(branch);
    const floats = this.floatsOf(branch);
    const entry = this.entryOf(branch, slot);
    const other = this.entryOf(otherBranch, otherSlot);
    const rank = this.floatsOf(otherBranch)[other >>> 1];
    const ties = this.intsOf(otherBranch)[other + TIES];
    if (rank < floats[entry >>> 1]) return;
    words[entry + TIES] = rank === floats[entry >>> 1] ? words[entry + TIES] + ties : ties;
    floats[entry >>> 1] = rank;
  }

  private entryOf(branch: number, slot: number): number {
    return this.wordOf(branch) + ENTRIES + slot * this.entryWords;
  }
}
