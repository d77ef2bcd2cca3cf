import { hash } from 'node:crypto';
import type { LockPath } from '../../../domain/lock.js';
import { Slices } from '../../../timing/slices.js';

/** Bytes of a key. */
const SIZE = 32;

/**
 * The keys of a path: one of a fixed size for the path of no parts, for each prefix and for the path itself, in this order
 * and behind one another. Paths of different parts have different keys, however long they are.
 */
export class LockKeys {
  readonly all: Buffer;
  /** The path's own key, in hexadecimals. */
  readonly own: string;
  /** All keys, in hexadecimals. */
  readonly prefixes: readonly string[];

  constructor(readonly path: LockPath) {
    const keys: Buffer[] = [ROOT];
    for (const part of path) keys.push(below(keys[keys.length - 1], part));
    this.all = Buffer.concat(keys);
    this.prefixes = keys.map((key) => key.toString('hex'));
    this.own = this.prefixes[path.length];
  }

  get ownBytes(): Buffer {
    return this.all.subarray(this.all.length - SIZE);
  }
}

/** The keys of paths, made in slices where there are many. */
export async function keysOf(paths: readonly LockPath[]): Promise<LockKeys[]> {
  const slices = new Slices();
  const keys: LockKeys[] = [];
  for (const path of paths) {
    keys.push(new LockKeys(path));
    if (slices.isOver(path.length)) await slices.next();
  }
  return keys;
}

const ROOT: Buffer = hash('sha256', Buffer.alloc(0), 'buffer');

function below(key: Buffer, part: string): Buffer {
  return hash('sha256', Buffer.concat([key, Buffer.from(part, 'latin1')]), 'buffer');
}

/** Which paths one call has taken so far, of which no later one may be a prefix or lie below. */
export class TakenPaths {
  private readonly own = new Set<string>();
  private readonly above = new Set<string>();

  /** @returns whether it could be taken beside the others */
  take({ own, prefixes }: LockKeys): boolean {
    if (this.above.has(own) || prefixes.some((prefix) => this.own.has(prefix))) return false;
    this.own.add(own);
    for (const prefix of prefixes) this.above.add(prefix);
    return true;
  }
}
