import { hashName } from './name-hash.js';

/** Of so many entries on, which takes a few milliseconds, a table is split. */
const SPLIT_AT = 1 << 13;
/** Into so many parts: a power of two. */
const PARTS = 256;
/** What those that are not split share, since most have an entry or two. */
const NO_PARTS: never[] = [];

/**
 * A Map whose keys are texts and which never has to be laid out anew in one go: one Map of two million entries takes 0.3 s for
 * that, and none takes more than 16.7 million. A small one is one Map; a large one is split by a hash of its keys.
 */
export class SplitMap<V> {
  private whole: Map<string, V> | undefined = new Map();
  private parts: (Map<string, V> | undefined)[] = NO_PARTS;
  private entryCount = 0;

  get size(): number {
    return this.entryCount;
  }

  get(key: string): V | undefined {
    return (this.whole ?? this.parts[partOf(key)])?.get(key);
  }

  /** @returns whether the key is new */
  set(key: string, value: V): boolean {
    const map = this.whole ?? (this.parts[partOf(key)] ??= new Map());
    const before = map.size;
    map.set(key, value);
    const isNew = map.size > before;
    if (isNew) this.entryCount++;
    if (this.whole && this.entryCount >= SPLIT_AT) this.split(this.whole);
    return isNew;
  }

  delete(key: string): boolean {
    const isDeleted = (this.whole ?? this.parts[partOf(key)])?.delete(key) ?? false;
    if (isDeleted) this.entryCount--;
    return isDeleted;
  }

  /** All entries, in no order that anything may be made of. Some may come and go meanwhile, as with a Map. */
  *entries(): Generator<[string, V]> {
    for (const map of this.maps()) yield* map;
  }

  /** All values, as `entries`. */
  *values(): Generator<V> {
    for (const map of this.maps()) yield* map.values();
  }

  private *maps(): Generator<Map<string, V>> {
    if (this.whole) yield this.whole;
    // A table that was split while its entries were gone through begins anew; whoever does that bears seeing one twice.
    for (let part = 0; part < this.parts.length; part++) {
      const map = this.parts[part];
      if (map) yield map;
    }
  }

  private split(whole: Map<string, V>): void {
    this.parts = new Array<Map<string, V> | undefined>(PARTS).fill(undefined);
    for (const [key, value] of whole) (this.parts[partOf(key)] ??= new Map()).set(key, value);
    this.whole = undefined;
  }
}

function partOf(key: string): number {
  return hashName(key) & (PARTS - 1);
}
