import type { Micros } from '../time.js';

interface Entry<T> {
  readonly at: Micros;
  readonly of: T;
}

/** Moments that no longer hold may be so many more than there are members. */
const SPARE = 1000;

/** Moments at which something is due, the earliest first. What no longer holds stays until it is looked at. */
export class Moments<T> {
  private heap: Entry<T>[] = [];

  /** Whether most of them hold no more, and it is time to begin anew. @param members - that may have one that holds */
  areTooMany(members: number): boolean {
    return this.heap.length > 2 * members + SPARE;
  }

  /** The earliest; undefined: there is none. */
  get first(): Entry<T> | undefined {
    return this.heap[0];
  }

  add(at: Micros, of: T): void {
    const { heap } = this;
    let place = heap.push({ at, of }) - 1;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (heap[above].at <= heap[place].at) return;
      [heap[above], heap[place]] = [heap[place], heap[above]];
      place = above;
    }
  }

  /** Takes the earliest, if it is not after `now`. @returns whose it is */
  take(now: Micros): Entry<T> | undefined {
    const { heap } = this;
    const first = heap[0] as Entry<T> | undefined;
    if (!first || first.at > now) return undefined;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    heap[0] = last;
    for (let place = 0; ;) {
      let below = 2 * place + 1;
      if (below >= heap.length) return first;
      if (below + 1 < heap.length && heap[below + 1].at < heap[below].at) below++;
      if (heap[place].at <= heap[below].at) return first;
      [heap[below], heap[place]] = [heap[place], heap[below]];
      place = below;
    }
  }

  /** Forgets those that hold no more. */
  keep(holds: (of: T) => boolean): void {
    this.renew(this.heap.filter(({ of }) => holds(of)));
  }

  /** Begins anew with others. */
  renew(entries: Iterable<Entry<T>>): void {
    this.heap = [...entries].sort((a, b) => a.at - b.at);
  }
}
