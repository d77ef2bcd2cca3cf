import type { AttemptRepository } from '../../src/attempts/attempt.repository.js';
import type { AttemptRecord, AttemptsOf } from '../../src/domain/attempt.js';
import type { ByteName } from '../../src/domain/names.js';

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
