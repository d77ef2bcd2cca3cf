/**
 * Zeroed memory outside the V8 heap that V8 does not count. What it counts, ordinary ArrayBuffers, it takes for pressure:
 * while units are added it would look through the whole heap every 40 MB, and every request would wait for that, although
 * nothing in these tables could be freed by it. It counts no shared memory. The price is that memory given up goes back
 * to the system at the next collection that something else is the reason for.
 */
export function offHeap(bytes: number): SharedArrayBuffer {
  return new SharedArrayBuffer(bytes);
}
