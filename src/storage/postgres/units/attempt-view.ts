import type { Attempt, AttemptRecord } from '../../../domain/attempt.js';
import type { ByteName } from '../../../domain/names.js';
import type { Micros } from '../../../domain/time.js';
import { bytesOf } from '../wire/values.js';
import type { Row } from '../wire/statement.js';
import type { AttemptImage } from './attempt-image.js';
import { IMAGE_WIDTH, nameOfImage, readStoredAttempt } from './unit-image.js';

export function recordOf(attempt: AttemptImage, workSpec: string, workUnit: ByteName): AttemptRecord {
  const { number, worker, start, end, expiration, status } = attempt;
  return { workSpec, workUnit, worker, number, start, end, expiration, status };
}

/** As readStoredAttempt, with the data that come behind. */
export function readAttempt(row: Row, at: number, workSpec: string, now: Micros): Attempt | undefined {
  const attempt = readStoredAttempt(row, at, now);
  const data = row[at + IMAGE_WIDTH];
  if (!attempt || data === null) return undefined;
  return { ...recordOf(attempt, workSpec, nameOfImage(row, at)), data: bytesOf(data) };
}
