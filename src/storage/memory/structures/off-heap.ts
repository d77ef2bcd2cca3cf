/** What is given up in pieces below this is taken for collected at once: a young piece is, and there are too many to watch. */
const WATCHED_BYTES = 64 << 10;

let held = 0;
let uncollected = 0;
let noted = 0;

const collected = new FinalizationRegistry<number>((bytes) => {
  held -= bytes;
  uncollected -= bytes;
});

/**
 * Zeroed memory outside the V8 heap that V8 does not count. What it counts, ordinary ArrayBuffers, it takes for pressure:
 * while units are added it would look through the whole heap every 40 MB, and every request would wait for that, although
 * nothing in these tables could be freed by it. It counts no shared memory. The price is that memory given up goes back
 * to the system at the next collection that something else is the reason for; and that it is counted here.
 */
export function offHeap(bytes: number): SharedArrayBuffer {
  held += bytes;
  return new SharedArrayBuffer(bytes);
}

/** So many bytes are given up, and are free as soon as the collector finds that nobody reaches `owner` any more. */
export function givenUp(bytes: number, owner: object): void {
  if (bytes < WATCHED_BYTES) {
    held -= bytes;
    return;
  }
  uncollected += bytes;
  collected.register(owner, bytes);
}

/** Something of about so many bytes has been made that V8 counts; it matters only until V8 is asked again. */
export function noteHeap(bytes: number): void {
  noted += bytes;
}

/** What `noteHeap` was told since this was asked last. */
export function takeNoted(): number {
  const bytes = noted;
  noted = 0;
  return bytes;
}

/** In bytes: what is held outside the heap, how much of it only until the next collection, and what was noted. */
export const offHeapUse = {
  get held(): number {
    return held;
  },
  get uncollected(): number {
    return uncollected;
  },
  get noted(): number {
    return noted;
  },
};
