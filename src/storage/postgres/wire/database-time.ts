import type { Micros } from '../../../domain/time.js';
import { MILLISECOND } from '../../../domain/time.js';
import type { Row } from './statement.js';

/** The database's clock as this daemon knows it without asking: its own, and by how much the two differed last. */
export class DatabaseTime {
  private offset: Micros | undefined;

  /** @returns undefined as long as it has not been measured */
  get now(): Micros | undefined {
    return this.offset === undefined ? undefined : Date.now() * MILLISECOND + this.offset;
  }

  /** @param ask - gives a row that begins with the database's time, read about halfway through the asking @returns it */
  async measure(ask: () => Promise<Row[]>): Promise<Row> {
    const begun = Date.now();
    const [row] = await ask();
    this.offset = Math.round(Number(row[0]) - ((begun + Date.now()) / 2) * MILLISECOND);
    return row;
  }
}
