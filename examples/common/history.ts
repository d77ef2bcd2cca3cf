import type { Coordinate, ListedAttempt } from 'coordinate-client';

/** All attempts of these workers. */
export async function attemptsOf(coordinate: Coordinate, workers: readonly string[]): Promise<ListedAttempt[]> {
  const attempts: ListedAttempt[] = [];
  for (const name of workers) {
    for await (const attempt of coordinate.worker(name).allAttempts()) attempts.push(attempt);
  }
  return attempts;
}
