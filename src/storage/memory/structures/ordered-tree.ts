import { Branches, FANOUT, LEAF_MEMBERS, Leaves } from './ordered-nodes.js';
import type { OrderedMembers } from './ordered-nodes.js';

/** Two neighbours are made one when they would fill it no further than this. */
const MERGED_FILL = 0.75;

/**
 * The shape of an ordered index: splits and merges its nodes and sums them up for their parents. In every method here
 * `level` is the height of a branch above the leaves, 1 or more.
 */
export class OrderedTree {
  readonly leaves = new Leaves();
  readonly branches: Branches;
  root: number;
  /** How many branches are on the way from the root to a leaf. */
  height = 0;

  constructor(
    private readonly members: OrderedMembers,
    categories: number,
    private readonly ranked: number,
  ) {
    this.branches = new Branches(categories, ranked);
    this.root = this.leaves.allocate();
  }

  lastLeaf(): number {
    let node = this.root;
    for (let level = this.height; level > 0; level--) node = this.branches.child(node, this.branches.count(node) - 1);
    return node;
  }

  /** The first member after all those of the leaf, 0 = none. */
  firstBeyond(leaf: number): number {
    const { leaves, branches } = this;
    let slot = leaves.slot(leaf);
    for (let branch = leaves.parent(leaf); branch !== 0; branch = branches.parent(branch)) {
      if (slot + 1 < branches.count(branch)) return branches.first(branch, slot + 1);
      slot = branches.slot(branch);
    }
    return 0;
  }

  /** Puts a member, of no category yet, at a place in a leaf that has room. */
  insert(leaf: number, at: number, id: number): void {
    this.leaves.insert(leaf, at, id);
    this.members.setLeafOf(id, leaf);
    if (at === 0) this.setFirst(this.leaves.parent(leaf), this.leaves.slot(leaf), id);
  }

  /** Splits a leaf before a place, which may be its end, and returns the new leaf after it. */
  splitLeaf(leaf: number, at: number): number {
    const { leaves } = this;
    const right = leaves.allocate();
    if (leaves.parent(leaf) === 0) {
      this.addRoot(leaf, leaves.id(leaf, 0));
      this.sumUpLeaf(leaf);
    }
    const staysEmpty = at === leaves.count(leaf);
    this.addChild(leaves.parent(leaf), leaves.slot(leaf) + 1, right, 1, staysEmpty);
    if (!staysEmpty) {
      leaves.moveTail(leaf, at, right, this.members);
      this.setFirst(leaves.parent(right), leaves.slot(right), leaves.id(right, 0));
      this.sumUpLeaf(right);
      this.sumUpLeaf(leaf);
    }
    return right;
  }

  /** After a member at a place has gone, and is no longer counted: frees or merges the leaf if it has got sparse. */
  tidyLeaf(leaf: number, at: number): void {
    const { leaves } = this;
    const parent = leaves.parent(leaf);
    const count = leaves.count(leaf);
    if (parent === 0) return;
    if (count === 0) {
      const slot = leaves.slot(leaf);
      leaves.free(leaf);
      this.removeChild(parent, slot, 1);
      return;
    }
    if (at === 0) this.setFirst(parent, leaves.slot(leaf), leaves.id(leaf, 0));
    if (count < LEAF_MEMBERS / 2) this.mergeLeaf(leaf, parent);
  }

  /** Looks for the highest rank below a slot, one of a branch `level` high, when it is to be found anew. */
  findRank(branch: number, slot: number, level: number): void {
    const { branches, leaves, members } = this;
    if (!branches.lacksRank(branch, slot)) return;
    const child = branches.child(branch, slot);
    if (level > 1) {
      const count = branches.count(child);
      for (let other = 0; other < count; other++) branches.addHighest(branch, slot, child, other);
      return;
    }
    const count = leaves.count(child);
    for (let at = 0; at < count; at++) {
      const id = leaves.id(child, at);
      if (members.categoryOf(id) === this.ranked) branches.addRank(branch, slot, members.rankOf(id), 1);
    }
  }

  private addRoot(child: number, first: number): void {
    const root = this.branches.allocate();
    this.branches.open(root, 0, child);
    this.branches.setFirst(root, 0, first);
    this.root = root;
    this.height++;
    this.setParent(child, root, 0, this.height);
  }

  /**
   * Puts a child that sums up to nothing in a branch, splitting that when it is full. Unless the child stays empty until
   * all is done, it gets into the same branch as the child before it, so that members may move between the two.
   */
  private addChild(branch: number, slot: number, child: number, level: number, staysEmpty: boolean): void {
    const { branches } = this;
    if (branches.count(branch) === FANOUT) {
      const cut = staysEmpty && slot === FANOUT ? FANOUT : FANOUT / 2;
      const right = this.splitBranch(branch, cut, level);
      if (slot > cut || cut === FANOUT) {
        branch = right;
        slot -= cut;
      }
    }
    branches.open(branch, slot, child);
    this.renumber(branch, slot, level);
  }

  /** Splits a branch before a slot, which may be its end, and returns the new branch after it. */
  private splitBranch(branch: number, slot: number, level: number): number {
    const { branches } = this;
    const right = branches.allocate();
    if (branches.parent(branch) === 0) {
      this.addRoot(branch, branches.first(branch, 0));
      this.sumUpBranch(branch);
    }
    const staysEmpty = slot === FANOUT;
    this.addChild(branches.parent(branch), branches.slot(branch) + 1, right, level + 1, staysEmpty);
    if (!staysEmpty) {
      branches.moveTail(branch, slot, right);
      this.renumber(right, 0, level);
      this.setFirst(branches.parent(right), branches.slot(right), branches.first(right, 0));
      this.sumUpBranch(right);
      this.sumUpBranch(branch);
    }
    return right;
  }

  /** Takes out a child that is free already, and frees or merges the branch if it has got sparse. */
  private removeChild(branch: number, slot: number, level: number): void {
    const { branches } = this;
    branches.close(branch, slot);
    this.renumber(branch, slot, level);
    const count = branches.count(branch);
    const parent = branches.parent(branch);
    if (parent === 0) {
      if (count === 1) this.dropRoot();
    } else if (count === 0) {
      const place = branches.slot(branch);
      branches.free(branch);
      this.removeChild(parent, place, level + 1);
    } else {
      if (slot === 0) this.setFirst(parent, branches.slot(branch), branches.first(branch, 0));
      if (count < FANOUT / 2) this.mergeBranch(branch, parent, level);
    }
  }

  private dropRoot(): void {
    const child = this.branches.child(this.root, 0);
    this.branches.free(this.root);
    this.root = child;
    this.setParent(child, 0, 0, this.height);
    this.height--;
  }

  /** Merges a leaf with the one after or before it in the same branch, if there is room. */
  private mergeLeaf(leaf: number, parent: number): void {
    const { leaves, branches } = this;
    const slot = this.slotToMerge(parent, leaves.slot(leaf), leaves, LEAF_MEMBERS);
    if (slot < 0) return;
    const right = branches.child(parent, slot + 1);
    leaves.moveTail(right, 0, branches.child(parent, slot), this.members);
    branches.add(parent, slot, parent, slot + 1);
    leaves.free(right);
    this.removeChild(parent, slot + 1, 1);
  }

  private mergeBranch(branch: number, parent: number, level: number): void {
    const { branches } = this;
    const slot = this.slotToMerge(parent, branches.slot(branch), branches, FANOUT);
    if (slot < 0) return;
    const left = branches.child(parent, slot);
    const right = branches.child(parent, slot + 1);
    const count = branches.count(left);
    branches.moveTail(right, 0, left);
    this.renumber(left, count, level);
    branches.add(parent, slot, parent, slot + 1);
    branches.free(right);
    this.removeChild(parent, slot + 1, level + 1);
  }

  /** The left of two neighbouring slots, one of them this, whose children together leave room in one node; -1 = none. */
  private slotToMerge(parent: number, slot: number, nodes: Leaves | Branches, capacity: number): number {
    const { branches } = this;
    const limit = capacity * MERGED_FILL - nodes.count(branches.child(parent, slot));
    if (slot + 1 < branches.count(parent) && nodes.count(branches.child(parent, slot + 1)) <= limit) return slot;
    if (slot > 0 && nodes.count(branches.child(parent, slot - 1)) <= limit) return slot - 1;
    return -1;
  }

  /** Makes a member the first of a slot, and of the slots above of which that is the first. */
  private setFirst(branch: number, slot: number, id: number): void {
    const { branches } = this;
    while (branch !== 0) {
      branches.setFirst(branch, slot, id);
      if (slot !== 0) return;
      slot = branches.slot(branch);
      branch = branches.parent(branch);
    }
  }

  /** Tells the children from a slot on where they are. */
  private renumber(branch: number, slot: number, level: number): void {
    const count = this.branches.count(branch);
    for (; slot < count; slot++) this.setParent(this.branches.child(branch, slot), branch, slot, level);
  }

  private setParent(child: number, parent: number, slot: number, level: number): void {
    if (level === 1) this.leaves.setParent(child, parent, slot);
    else this.branches.setParent(child, parent, slot);
  }

  private sumUpLeaf(leaf: number): void {
    const { branches, leaves, members } = this;
    const parent = leaves.parent(leaf);
    const slot = leaves.slot(leaf);
    const count = leaves.count(leaf);
    branches.empty(parent, slot);
    for (let at = 0; at < count; at++) {
      const id = leaves.id(leaf, at);
      const category = members.categoryOf(id);
      branches.recount(parent, slot, 1, -1, category);
      if (category === this.ranked) branches.addRank(parent, slot, members.rankOf(id), 1);
    }
  }

  private sumUpBranch(branch: number): void {
    const { branches } = this;
    const parent = branches.parent(branch);
    const slot = branches.slot(branch);
    const count = branches.count(branch);
    branches.empty(parent, slot);
    for (let other = 0; other < count; other++) branches.add(parent, slot, branch, other);
  }
}
