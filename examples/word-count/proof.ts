import { isDeepStrictEqual } from 'node:util';
import type { Coordinate, ListedAttempt } from 'coordinate-client';
import type { Check } from '../common/checks.js';
import { attemptsOf } from '../common/history.js';
import type { Killed } from './crew.js';
import type { UnitName } from './queue.js';
import type { Table } from './table.js';

/** What the history says of a run. */
export interface Story {
  readonly checks: Check[];
  /** All attempts at one of the units that the killed worker had, if one was killed. */
  readonly takenOver: ListedAttempt[];
}

export function sameTables(found: Table, wanted: Table): Check {
  const words = [...found.values()].reduce((sum, row) => sum + row.words, 0);
  const claim = `totals equal those of a single process: ${words.toLocaleString('en-US')} words`;
  return { claim, holds: isDeepStrictEqual(found, wanted) };
}

/** What the killed worker had claimed was finished, and by somebody else. */
export async function othersFinished(
  { id, held }: Killed,
  finisherOf: (unit: UnitName) => Promise<string | undefined>,
): Promise<Check> {
  const finishers = await Promise.all(held.map(finisherOf));
  const taken = finishers.filter((finisher) => finisher !== undefined && finisher !== id);
  const claim = `what the killed worker had claimed was finished by others: ${taken.length} of ${held.length}`;
  return { claim, holds: taken.length === held.length };
}

/**
 * Goes through all attempts: each unit has one that finished, whatever else was tried; and where a worker was killed, an
 * attempt of its own expired, and another worker's finished.
 *
 * @param units how many there are, all known to be finished
 */
export async function tellStory(
  coordinate: Coordinate,
  workers: readonly string[],
  units: number,
  killed: string | undefined,
): Promise<Story> {
  const attempts = await attemptsOf(coordinate, workers);
  const byUnit = new Map<string, ListedAttempt[]>();
  for (const attempt of attempts) {
    const key = `${attempt.spec} ${String(attempt.unit)}`;
    const tries = byUnit.get(key);
    if (tries === undefined) byUnit.set(key, [attempt]);
    else tries.push(attempt);
  }
  let once = 0;
  let takenOver: ListedAttempt[] = [];
  for (const tries of byUnit.values()) {
    const finished = tries.filter(({ status }) => status === 'finished');
    if (finished.length === 1) once++;
    const lost = tries.some(({ status, worker }) => status === 'expired' && worker === killed);
    if (lost && finished.some(({ worker }) => worker !== killed)) {
      takenOver = tries.sort((a, b) => a.startTime.getTime() - b.startTime.getTime());
    }
  }
  const checks = [
    {
      claim: `history: one finished attempt for each unit: ${once} of ${units}`,
      holds: once === units && byUnit.size === units,
    },
  ];
  if (killed !== undefined) {
    checks.push({
      claim: 'history: an attempt of the killed worker expired, another finished',
      holds: takenOver.length > 0,
    });
  }
  return { checks, takenOver };
}
