import { LEAF_MEMBERS } from './ordered-nodes.js';
import type { OrderedMembers } from './ordered-nodes.js';
import { OrderedTree } from './ordered-tree.js';

export type { OrderedMembers } from './ordered-nodes.js';

/** Categories are numbers from 0, at most 31 of them; members in the ranked one are compared by rank. */
export interface OrderedIndexOptions {
  readonly categories: number;
  readonly ranked: number;
}

const NONE = -1;

/**
 * Members in the bytewise order of their names, and in each subtree the number of members per category and, of the ranked
 * category, the highest rank: a B+ tree outside the V8 heap. A member's name, category and rank are in its own record,
 * where this reads them through `OrderedMembers`; whoever changes a category or rank must say so at once, by the rules of
 * `moved` and `reranked`.
 *
 * With n members the tree is log₆₁ n high: 4 nodes at 5 million. `moved` and `reranked` go from the leaf to the root and
 * compare no names. Queries skip every subtree without a member in the categories wanted. Members that come in the order
 * of their names fill the leaves and compare one name each, or three in the midst of others. Then a member takes 5 bytes
 * here, in random order 7 to 8.
 */
export class OrderedIndex {
  private readonly tree: OrderedTree;
  private readonly ranked: number;
  private readonly totals: Int32Array;
  private members = 0;
  /** Where the last insertion was: its leaf, 0 = not known, and its place there. */
  private finger = 0;
  private fingerAt = 0;
  /** The second result of `findPlace`. */
  private place = 0;
  /**
   * Where `best` found what it gave last: leaf, 0 = not known, place and rank. As long as members only leave the ranked
   * category, and no place changes, there can be no better one before it.
   */
  private bestLeaf = 0;
  private bestAt = 0;
  private bestRank = 0;
  /** Between `beginRun` and `endRun`: changes of category alike of members in one leaf, not yet carried to the root. */
  private inRun = false;
  private runLeaf = 0;
  private runFrom = 0;
  private runTo = 0;
  private runRank = 0;
  private runMembers = 0;

  constructor(
    private readonly of: OrderedMembers,
    options: OrderedIndexOptions,
  ) {
    this.ranked = options.ranked;
    this.tree = new OrderedTree(of, options.categories, options.ranked);
    this.totals = new Int32Array(options.categories);
  }

  get size(): number {
    return this.members;
  }

  /** Bytes reserved for nodes. */
  get bytesReserved(): number {
    return this.tree.leaves.bytesReserved + this.tree.branches.bytesReserved;
  }

  /** How many members are in a category: O(1). */
  count(category: number): number {
    return this.totals[category];
  }

  /**
   * Adds a member, whose record has its category and rank already. Throws when the name is taken.
   * O(log n) name comparisons; one or three when names come in order.
   */
  insert(id: number, name: string): void {
    const { tree } = this;
    let leaf = this.findPlace(name);
    let at = this.place;
    if (tree.leaves.count(leaf) === LEAF_MEMBERS) {
      const cut = this.cutFor(leaf, at);
      const right = tree.splitLeaf(leaf, cut);
      if (at > cut || cut === LEAF_MEMBERS) {
        leaf = right;
        at -= cut;
      }
    }
    tree.insert(leaf, at, id);
    this.finger = leaf;
    this.fingerAt = at;
    this.members++;
    const category = this.of.categoryOf(id);
    this.recount(leaf, 1, this.rankFor(id, NONE, category), NONE, category);
  }

  /** Takes a member out, whose record still has the category and rank that it is counted under. */
  remove(id: number): void {
    const { tree } = this;
    const leaf = this.of.leafOf(id);
    const at = tree.leaves.indexOf(leaf, id);
    if (at < 0) throw new Error(`no member ${id} in the ordered index`);
    tree.leaves.remove(leaf, at);
    this.finger = 0;
    this.members--;
    const category = this.of.categoryOf(id);
    this.recount(leaf, 1, this.rankFor(id, category, NONE), category, NONE);
    tree.tidyLeaf(leaf, at);
  }

  /**
   * A member's category has changed: to be called when its record has the new one, and before any other call here. Its
   * rank must not have changed with it: a new rank is set and told by `reranked` either before or after.
   */
  moved(id: number, from: number, to: number): void {
    if (from === to) return;
    const leaf = this.of.leafOf(id);
    const rank = this.rankFor(id, from, to);
    if (!this.inRun || from === this.ranked) {
      // One that leaves the ranked category makes its leaf be looked at, which must agree with what is counted by then.
      this.carryRun();
      return this.recount(leaf, 1, rank, from, to);
    }
    if (leaf !== this.runLeaf || rank !== this.runRank || from !== this.runFrom || to !== this.runTo) {
      this.carryRun();
      this.runLeaf = leaf;
      this.runRank = rank;
      this.runFrom = from;
      this.runTo = to;
    }
    this.runMembers++;
  }

  /**
   * From here to `endRun` only `moved` may be called: neighbours that change alike go to the root together, which is what
   * makes many leases that run out at once cheap.
   */
  beginRun(): void {
    this.inRun = true;
    this.runMembers = 0;
  }

  endRun(): void {
    this.carryRun();
    this.inRun = false;
  }

  private carryRun(): void {
    if (this.runMembers > 0) this.recount(this.runLeaf, this.runMembers, this.runRank, this.runFrom, this.runTo);
    this.runMembers = 0;
  }

  /** A member's rank has changed, in whatever category: to be called when its record has the new one. */
  reranked(id: number, oldRank: number): void {
    const { leaves, branches } = this.tree;
    const rank = this.of.rankOf(id);
    if (rank === oldRank || this.of.categoryOf(id) !== this.ranked) return;
    this.bestLeaf = 0;
    const leaf = this.of.leafOf(id);
    let slot = leaves.slot(leaf);
    let branch = leaves.parent(leaf);
    for (let level = 1; branch !== 0; level++) {
      branches.dropRank(branch, slot, oldRank, 1);
      // An entry that lost its last highest rank reads -Infinity: what comes instead is in the child, this member included.
      if (branches.lacksRank(branch, slot)) this.tree.findRank(branch, slot, level);
      else branches.addRank(branch, slot, rank, 1);
      slot = branches.slot(branch);
      branch = branches.parent(branch);
    }
  }

  /**
   * The first by name of those with the highest rank in the ranked category, 0 = none. O(log n), and O(1) mostly while
   * members are taken one after another.
   */
  best(): number {
    if (this.totals[this.ranked] === 0) return 0;
    if (this.bestLeaf !== 0) {
      const id = this.firstOfRank(this.bestLeaf, this.bestAt, this.bestRank);
      if (id !== 0) return id;
    }
    const { root, height, branches } = this.tree;
    const rank = height === 0 ? this.highestIn(root) : branches.highestRank(root);
    let node = root;
    for (let level = height; level > 0; level--) node = branches.child(node, branches.slotOfRank(node, rank));
    const id = this.firstOfRank(node, 0, rank);
    if (id === 0) throw new Error('the ordered index was not told of a changed category or rank');
    return id;
  }

  /**
   * The first member of one of the categories, given as bits, whose name is greater than this one; null = from the start.
   * 0 = none. O(log n) name comparisons.
   */
  after(name: string | null, categories: number): number {
    if (name === null) return this.firstBelow(this.tree.root, this.tree.height, categories);
    const leaf = this.leafFor(name);
    const found = this.search(leaf, name, 0);
    return this.firstFrom(leaf, found >= 0 ? found + 1 : ~found, categories);
  }

  /** Like `after`, but a member of that very name counts too. */
  atLeast(name: string, categories: number): number {
    const leaf = this.leafFor(name);
    const found = this.search(leaf, name, 0);
    return this.firstFrom(leaf, found >= 0 ? found : ~found, categories);
  }

  /** The next member after this one in one of the categories, 0 = none. No name is compared: O(log n). */
  next(id: number, categories: number): number {
    const leaf = this.of.leafOf(id);
    return this.firstFrom(leaf, this.tree.leaves.indexOf(leaf, id) + 1, categories);
  }

  /** A member's rank, where it matters to a change of category; else 0. */
  private rankFor(id: number, from: number, to: number): number {
    return from === this.ranked || to === this.ranked ? this.of.rankOf(id) : 0;
  }

  /** Carries so many members' change of category, NONE = not in the tree, from their leaf up to the root. */
  private recount(leaf: number, members: number, rank: number, from: number, to: number): void {
    const { leaves, branches } = this.tree;
    if (from >= 0) this.totals[from] -= members;
    if (to >= 0) this.totals[to] += members;
    if (to === this.ranked || to === NONE || from === NONE) this.bestLeaf = 0;
    let comes = to === this.ranked;
    let goes = from === this.ranked;
    let slot = leaves.slot(leaf);
    let branch = leaves.parent(leaf);
    for (let level = 1; branch !== 0; level++) {
      branches.recount(branch, slot, members, from, to);
      if (comes) {
        comes = branches.addRank(branch, slot, rank, members);
      } else if (goes) {
        goes = branches.dropRank(branch, slot, rank, members);
        if (branches.lacksRank(branch, slot)) this.tree.findRank(branch, slot, level);
      }
      slot = branches.slot(branch);
      branch = branches.parent(branch);
    }
  }

  /** Where a new name belongs: returns the leaf and leaves the place there in `place`. */
  private findPlace(name: string): number {
    const { tree, of, finger } = this;
    const { leaves } = tree;
    const last = tree.lastLeaf();
    const count = leaves.count(last);
    if (count === 0 || of.compareName(leaves.id(last, count - 1), name) < 0) {
      this.place = count;
      return last;
    }
    let leaf = finger;
    let from = this.fingerAt + 1;
    if (finger === 0 || of.compareName(leaves.id(finger, this.fingerAt), name) >= 0) {
      leaf = this.leafFor(name);
      from = 0;
    } else if (from < leaves.count(finger) && of.compareName(leaves.id(finger, from), name) > 0) {
      this.place = from;
      return finger;
    } else {
      const beyond = tree.firstBeyond(finger);
      if (beyond !== 0 && of.compareName(beyond, name) <= 0) {
        leaf = this.leafFor(name);
        from = 0;
      }
    }
    const found = this.search(leaf, name, from);
    if (found >= 0) throw new Error('the name is in the ordered index already');
    this.place = ~found;
    return leaf;
  }

  /**
   * Where to split a full leaf for a new member: before or after all others, or after a run of names that come in order,
   * so that the run goes on in a leaf that has room and leaves full ones behind; else in the middle.
   */
  private cutFor(leaf: number, at: number): number {
    const inRun = leaf === this.finger && at === this.fingerAt + 1;
    return at === 0 || at === LEAF_MEMBERS || inRun ? at : LEAF_MEMBERS >>> 1;
  }

  /** The leaf that a name is in, or would be. */
  private leafFor(name: string): number {
    const { root, height, branches } = this.tree;
    let node = root;
    for (let level = height; level > 0; level--) {
      let low = 0;
      let high = branches.count(node);
      while (high - low > 1) {
        const middle = (low + high) >>> 1;
        if (this.of.compareName(branches.first(node, middle), name) <= 0) low = middle;
        else high = middle;
      }
      node = branches.child(node, low);
    }
    return node;
  }

  /** The place of a name in a leaf, looked for from a place on; ~place when it is not there but would be. */
  private search(leaf: number, name: string, from: number): number {
    const { leaves } = this.tree;
    let low = from;
    let high = leaves.count(leaf);
    while (low < high) {
      const middle = (low + high) >>> 1;
      const order = this.of.compareName(leaves.id(leaf, middle), name);
      if (order === 0) return middle;
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return ~low;
  }

  /** The first member in one of the categories from a place in a leaf on. */
  private firstFrom(leaf: number, from: number, categories: number): number {
    const { leaves, branches } = this.tree;
    let slot = leaves.slot(leaf);
    let branch = leaves.parent(leaf);
    if (branch === 0 || branches.has(branch, slot, categories)) {
      const id = this.firstIn(leaf, from, categories);
      if (id !== 0) return id;
    }
    for (let level = 0; branch !== 0; level++) {
      const found = branches.slotWith(branch, slot + 1, categories);
      if (found >= 0) return this.firstBelow(branches.child(branch, found), level, categories);
      slot = branches.slot(branch);
      branch = branches.parent(branch);
    }
    return 0;
  }

  /** The first member in one of the categories below a node at a height above the leaves. */
  private firstBelow(node: number, height: number, categories: number): number {
    for (let level = height; level > 0; level--) {
      const slot = this.tree.branches.slotWith(node, 0, categories);
      if (slot < 0) return 0;
      node = this.tree.branches.child(node, slot);
    }
    return this.firstIn(node, 0, categories);
  }

  private firstIn(leaf: number, from: number, categories: number): number {
    const { leaves } = this.tree;
    const count = leaves.count(leaf);
    for (let at = from; at < count; at++) {
      const id = leaves.id(leaf, at);
      if ((categories >>> this.of.categoryOf(id)) & 1) return id;
    }
    return 0;
  }

  /** The first ranked member of this rank from a place in a leaf on, which is kept in mind. */
  private firstOfRank(leaf: number, from: number, rank: number): number {
    const { leaves } = this.tree;
    const count = leaves.count(leaf);
    for (let at = from; at < count; at++) {
      const id = leaves.id(leaf, at);
      if (this.of.categoryOf(id) !== this.ranked || this.of.rankOf(id) !== rank) continue;
      this.bestLeaf = leaf;
      this.bestAt = at;
      this.bestRank = rank;
      return id;
    }
    return 0;
  }

  private highestIn(leaf: number): number {
    const { leaves } = this.tree;
    const count = leaves.count(leaf);
    let highest = -Infinity;
    for (let at = 0; at < count; at++) {
      const id = leaves.id(leaf, at);
      if (this.of.categoryOf(id) === this.ranked) highest = Math.max(highest, this.of.rankOf(id));
    }
    return highest;
  }
}
