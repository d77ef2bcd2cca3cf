import type { AttemptRecord, AttemptRepository, AttemptsOf, ByteName } from 'coordinate-daemon/backend';

/** More than any test has. */
const ALL = 100_000;

/** A whole list of attempts. */
export async function attemptsOf(
  attempts: AttemptRepository,
  which: AttemptsOf,
  namespace: string,
  worker: ByteName,
): Promise<AttemptRecord[]> {
  return await attempts.listOf(namespace, worker, which).next(ALL);
}
