import type { LockPath } from '../../domain/lock.js';
import type { Micros } from '../../domain/time.js';
import { hasPassed } from '../../domain/time.js';
import { atOnce } from './pace.js';
import { SplitMap } from '../../structures/split-map.js';

/** A part of a path that is locked itself or has something below it. */
class LockNode {
  /** Who holds it, if anybody does, and until when. */
  locker: string | undefined;
  until: Micros = 0;
  children: SplitMap<LockNode> | undefined;

  hold(locker: string | undefined, until: Micros): void {
    this.locker = locker;
    this.until = until;
  }
}

/** Hierarchical locks. Locks past their timeout are dropped when they are come across. */
export class LockTree {
  private root = new LockNode();

  /** Whether neither the path, a prefix of it nor anything below it is locked. */
  isFree(path: LockPath, now: Micros): boolean {
    return atOnce(this.lookingWhetherFree(path, now));
  }

  /** As isFree, in steps: below a prefix there may be very many locks past their timeout, all of which it takes away. */
  *lookingWhetherFree(path: LockPath, now: Micros): Generator<number, boolean> {
    let node = this.root;
    if (isHeld(node, now)) return false;
    for (const part of path) {
      const child = node.children?.get(part);
      if (!child) return true;
      node = child;
      if (isHeld(node, now)) return false;
    }
    return node.children === undefined || !(yield* holdsBelow(node, node.children, now));
  }

  take(path: LockPath, locker: string, until: Micros): void {
    let node = this.root;
    for (const part of path) {
      node.children ??= new SplitMap();
      let child = node.children.get(part);
      if (!child) node.children.set(part, (child = new LockNode()));
      node = child;
    }
    node.hold(locker, until);
  }

  holder(path: LockPath, now: Micros): string | undefined {
    const node = this.find(path);
    return node && isHeld(node, now) ? node.locker : undefined;
  }

  release(path: LockPath): void {
    const node = this.find(path);
    if (!node) return;
    node.hold(undefined, 0);
    this.prune(path);
  }

  /** Drops everything at and below a path. */
  drop(path: LockPath): void {
    const node = this.find(path);
    if (!node) return;
    node.hold(undefined, 0);
    node.children = undefined;
    this.prune(path);
  }

  /** Drops the locks past their timeout, which may be such that nobody comes across them again. @returns how many */
  dropExpired(now: Micros): number {
    return atOnce(this.droppingExpired(now));
  }

  /** As dropExpired, in steps between which locks may come and go. */
  *droppingExpired(now: Micros): Generator<number, number> {
    let dropped = 0;
    const path = [{ part: '', node: this.root, children: this.root.children?.entries() }];
    while (path.length > 0) {
      const { part, node, children } = path[path.length - 1];
      const child = children?.next();
      if (child && !child.done) {
        const [name, below] = child.value;
        path.push({ part: name, node: below, children: below.children?.entries() });
        continue;
      }
      path.pop();
      dropped += expire(node, now);
      const siblings = path[path.length - 1]?.node.children;
      if (siblings?.get(part) === node && isEmpty(node)) siblings.delete(part);
      yield 1;
    }
    return dropped;
  }

  private find(path: LockPath): LockNode | undefined {
    let node: LockNode | undefined = this.root;
    for (const part of path) node = node?.children?.get(part);
    return node;
  }

  /** Takes away the nodes of a path that hold nothing any more. */
  private prune(path: LockPath): void {
    const nodes = [this.root];
    for (const part of path) {
      const child = nodes[nodes.length - 1].children?.get(part);
      if (!child) break;
      nodes.push(child);
    }
    for (let depth = nodes.length - 1; depth > 0; depth--) {
      if (!isEmpty(nodes[depth])) return;
      nodes[depth - 1].children?.delete(path[depth - 1]);
    }
  }
}

function isHeld(node: LockNode, now: Micros): boolean {
  expire(node, now);
  return node.locker !== undefined;
}

/** Whether nothing keeps a node in the tree. */
function isEmpty({ locker, children }: LockNode): boolean {
  return locker === undefined && (children === undefined || children.size === 0);
}

/** Lets a lock's timeout take effect. @returns 1 if it did, else 0 */
function expire(node: LockNode, now: Micros): 0 | 1 {
  if (node.locker === undefined || !hasPassed(node.until, now)) return 0;
  node.hold(undefined, 0);
  return 1;
}

/** Whether anything below a node is locked; takes it all away where nothing is. No recursion: a path may be very long. */
function* holdsBelow(node: LockNode, children: SplitMap<LockNode>, now: Micros): Generator<number, boolean> {
  const below = [children.values()];
  for (let values = below.at(-1); values; values = below.at(-1)) {
    const child = values.next();
    if (child.done) below.pop();
    else if (isHeld(child.value, now)) return true;
    else if (child.value.children) below.push(child.value.children.values());
    yield 1;
  }
  node.children = undefined;
  return false;
}
