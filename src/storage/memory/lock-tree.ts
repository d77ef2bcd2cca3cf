import type { LockPath } from '../../domain/lock.js';
import type { Micros } from '../../domain/time.js';
import { hasPassed } from '../../domain/time.js';
import { atOnce } from './pace.js';

interface Held {
  locker: string;
  until: Micros;
}

/** A part of a path that is locked itself or has something below it. */
class LockNode {
  held: Held | undefined;
  readonly children = new Map<string, LockNode>();
}

/** Hierarchical locks. Locks past their timeout are dropped when they are come across. */
export class LockTree {
  private root = new LockNode();

  /** Whether neither the path, a prefix of it nor anything below it is locked. */
  isFree(path: LockPath, now: Micros): boolean {
    let node = this.root;
    if (isHeld(node, now)) return false;
    for (const part of path) {
      const child = node.children.get(part);
      if (!child) return true;
      node = child;
      if (isHeld(node, now)) return false;
    }
    return !holdsBelow(node, now);
  }

  take(path: LockPath, locker: string, until: Micros): void {
    let node = this.root;
    for (const part of path) {
      let child = node.children.get(part);
      if (!child) node.children.set(part, (child = new LockNode()));
      node = child;
    }
    node.held = { locker, until };
  }

  holder(path: LockPath, now: Micros): string | undefined {
    const node = this.find(path);
    return node && isHeld(node, now) ? node.held!.locker : undefined;
  }

  release(path: LockPath): void {
    const node = this.find(path);
    if (!node) return;
    node.held = undefined;
    this.prune(path);
  }

  /** Drops everything at and below a path. */
  drop(path: LockPath): void {
    const node = this.find(path);
    if (!node) return;
    node.held = undefined;
    node.children.clear();
    this.prune(path);
  }

  /** Drops the locks past their timeout, which may be such that nobody comes across them again. @returns how many */
  dropExpired(now: Micros): number {
    return atOnce(this.droppingExpired(now));
  }

  /** As dropExpired, in steps between which locks may come and go. */
  *droppingExpired(now: Micros): Generator<number, number> {
    let dropped = 0;
    const path = [{ part: '', node: this.root, children: this.root.children.entries() }];
    while (path.length > 0) {
      const { part, node, children } = path[path.length - 1];
      const child = children.next();
      if (!child.done) {
        path.push({ part: child.value[0], node: child.value[1], children: child.value[1].children.entries() });
        continue;
      }
      path.pop();
      dropped += expire(node, now);
      const parent = path[path.length - 1]?.node;
      if (!node.held && node.children.size === 0 && parent?.children.get(part) === node) parent.children.delete(part);
      yield 1;
    }
    return dropped;
  }

  private find(path: LockPath): LockNode | undefined {
    let node: LockNode | undefined = this.root;
    for (const part of path) node = node?.children.get(part);
    return node;
  }

  /** Takes away the nodes of a path that hold nothing any more. */
  private prune(path: LockPath): void {
    const nodes = [this.root];
    for (const part of path) {
      const child = nodes[nodes.length - 1].children.get(part);
      if (!child) break;
      nodes.push(child);
    }
    for (let depth = nodes.length - 1; depth > 0; depth--) {
      const node = nodes[depth];
      if (node.held || node.children.size > 0) return;
      nodes[depth - 1].children.delete(path[depth - 1]);
    }
  }
}

function isHeld(node: LockNode, now: Micros): boolean {
  expire(node, now);
  return node.held !== undefined;
}

/** Lets a lock's timeout take effect. @returns 1 if it did, else 0 */
function expire(node: LockNode, now: Micros): 0 | 1 {
  if (!node.held || !hasPassed(node.held.until, now)) return 0;
  node.held = undefined;
  return 1;
}

/** Whether anything below a node is locked; takes it all away where nothing is. No recursion: a path may be very long. */
function holdsBelow(node: LockNode, now: Micros): boolean {
  const below = [...node.children.values()];
  for (let child = below.pop(); child; child = below.pop()) {
    if (isHeld(child, now)) return true;
    for (const next of child.children.values()) below.push(next);
  }
  node.children.clear();
  return false;
}
