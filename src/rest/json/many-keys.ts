/** How many keys there are before they are kept in several sets, and how many those are. */
const FEW = 16_384;
const SETS = 64;

/** The keys of a map, maybe of a very large one: a set of a million keys grows in one go, sixty-four of them do not. */
export class ManyKeys {
  private sets: Set<string>[] = [new Set()];

  /** @returns false when it is there already */
  add(key: string): boolean {
    if (this.sets.length === 1 && this.sets[0].size === FEW) this.split();
    const set = this.sets.length === 1 ? this.sets[0] : this.sets[slotOf(key)];
    const before = set.size;
    return set.add(key).size > before;
  }

  private split(): void {
    const [all] = this.sets;
    this.sets = Array.from({ length: SETS }, () => new Set());
    for (const key of all) this.sets[slotOf(key)].add(key);
  }
}

function slotOf(key: string): number {
  let hash = key.length;
  for (let i = Math.max(0, key.length - 8); i < key.length; i++) hash = (hash * 31 + key.charCodeAt(i)) | 0;
  return Math.abs(hash) % SETS;
}
