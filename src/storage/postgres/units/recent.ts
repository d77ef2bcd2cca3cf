/** A map that keeps of its entries those that were used last, as many as weigh no more together than it may. */
export class Recent<K, V> {
  private readonly entries = new Map<K, V>();
  private weight = 0;

  /**
   * @param most - what all may weigh together; the newest is kept in any case
   * @param weigh - what one weighs, for as long as it is kept
   * @param gone - is told of one that has had to go
   */
  constructor(
    private readonly most: number,
    private readonly weigh: (value: V) => number = () => 1,
    private readonly gone?: (key: K, value: V) => void,
  ) {}

  get size(): number {
    return this.entries.size;
  }

  get(key: K): V | undefined {
    const value = this.entries.get(key);
    // As long as few are kept, none will have to go soon.
    if (value !== undefined && this.weight > this.most / 2) {
      this.entries.delete(key);
      this.entries.set(key, value);
    }
    return value;
  }

  set(key: K, value: V): void {
    this.delete(key);
    this.entries.set(key, value);
    this.weight += this.weigh(value);
    if (this.weight <= this.most) return;
    for (const [old, going] of this.entries) {
      if (this.weight <= this.most || old === key) return;
      this.delete(old);
      this.gone?.(old, going);
    }
  }

  delete(key: K): void {
    const value = this.entries.get(key);
    if (value === undefined) return;
    this.entries.delete(key);
    this.weight -= this.weigh(value);
  }

  values(): IterableIterator<V> {
    return this.entries.values();
  }
}
