/** What has taken too long. */
export const LATE = Symbol('late');

/**
 * Waits for something, for so long at most.
 * @param ms - milliseconds @param begin - is given a signal, which is aborted when the time is over
 * @param over - aborts it; it may be aborted for another reason besides
 */
export async function inTime<T>(
  ms: number,
  begin: (signal: AbortSignal) => T | Promise<T>,
  over = new AbortController(),
): Promise<T | typeof LATE> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(() => {
      resolve(LATE);
      over.abort();
    }, ms).unref();
  });
  try {
    return await Promise.race([begin(over.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}
