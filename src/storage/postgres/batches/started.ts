import type { EncodedData } from '../../../domain/data.js';
import type { ByteName } from '../../../domain/names.js';
import type { Micros } from '../../../domain/time.js';
import { STARTED } from '../sql/straight.sql.js';
import type { Row } from '../wire/statement.js';
import { byteNameOfRow, bytesOf, namesOf, numbersOf, partsOf, placesOf } from '../wire/values.js';

/** An attempt that START_ALONE has started. */
export interface Started {
  /** Which of the attempts it is that were wanted, from 1 on; of a single claim its number, which is in the same order. */
  readonly ordinal: number;
  readonly number: number;
  /** Since when its unit was available. */
  readonly since: Micros;
  readonly name: ByteName;
  /** Where its unit is, if that is told. */
  readonly place: number | undefined;
  /** Of the unit: a view of those of all. */
  readonly data: EncodedData;
}

/** The attempts that START_ALONE or one of its kind tells of, in the order in which they were wanted. */
export function readStarted(row: Row): Started[] {
  const numbers = numbersOf(row[STARTED.numbers]);
  if (numbers.length === 0) return [];
  const ordinals = row[STARTED.ordinals] === null ? numbers : numbersOf(row[STARTED.ordinals]);
  const places = placesOf(row[STARTED.places] ?? null);
  const sinces = numbersOf(row[STARTED.sinces]);
  const names = namesOf(byteNameOfRow(row[STARTED.names]!), numbersOf(row[STARTED.nameLengths]));
  const data = partsOf(bytesOf(row[STARTED.data]!), numbersOf(row[STARTED.dataLengths]));
  const started = numbers.map((number, i) => {
    return { ordinal: ordinals[i], number, since: sinces[i], place: places[i], name: names[i], data: data[i] };
  });
  return started.sort((a, b) => a.ordinal - b.ordinal);
}
