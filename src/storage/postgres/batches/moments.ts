import type { Micros } from '../../../domain/time.js';

interface Entry {
  readonly at: Micros;
  readonly id: number;
}

/** Moments at which something is due, the earliest first. What no longer holds stays until it is looked at. */
export class Moments {
  private heap: Entry[] = [];

  get size(): number {
    return this.heap.length;
  }

  add(at: Micros, id: number): void {
    const { heap } = this;
    let place = heap.push({ at, id }) - 1;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (heap[above].at <= heap[place].at) return;
      [heap[above], heap[place]] = [heap[place], heap[above]];
      place = above;
    }
  }

  /** Takes the earliest, if it is not after `now`. @returns whose it is */
  take(now: Micros): Entry | undefined {
    const { heap } = this;
    const first = heap[0] as Entry | undefined;
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

  /** Begins anew with others. */
  renew(entries: Iterable<Entry>): void {
    this.heap = [...entries].sort((a, b) => a.at - b.at);
  }
}
