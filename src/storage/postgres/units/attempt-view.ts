import type { Attempt, AttemptRecord } from '../../../domain/attempt.js';
import type { ByteName } from '../../../domain/names.js';
import type { Micros } from '../../../domain/time.js';
import { ATTEMPT_STATUSES } from '../../../domain/attempt.js';
import { byteNameOfRow, bytesOf } from '../wire/values.js';
import type { Row } from '../wire/statement.js';
import type { StoredAttempt } from './unit-image.js';
import { expireDetached, IMAGE_WIDTH, UnitImage } from './unit-image.js';

export function recordOf(attempt: StoredAttempt, workSpec: string, workUnit: ByteName): AttemptRecord {
  const { number, worker, start, end, expiration, status } = attempt;
  return { workSpec, workUnit, worker, number, start, end, expiration, status };
}

/** An attempt in a row of the columns of a UnitImage, whose unit status is null when it is one of the history. */
export function readStoredAttempt(row: Row, at: number, now: Micros): StoredAttempt | undefined {
  if (row[at + 1] !== null) return UnitImage.read(0, row, at, now).latest;
  const past: StoredAttempt = {
    number: Number(row[at + 8]),
    worker: byteNameOfRow(row[at + 9]!),
    start: Number(row[at + 10]),
    end: Number(row[at + 11]),
    expiration: Number(row[at + 12]),
    status: ATTEMPT_STATUSES[Number(row[at + 13])],
    late: false,
  };
  expireDetached(past, false, now);
  return past;
}

/** As readStoredAttempt, with the data that come behind. */
export function readAttempt(row: Row, at: number, workSpec: string, now: Micros): Attempt | undefined {
  const attempt = readStoredAttempt(row, at, now);
  const data = row[at + IMAGE_WIDTH];
  if (!attempt || data === null) return undefined;
  return { ...recordOf(attempt, workSpec, byteNameOfRow(row[at]!)), data: bytesOf(data) };
}
