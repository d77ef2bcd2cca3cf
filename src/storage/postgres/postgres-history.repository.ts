import { COUNTED, type HistorySpan, type HistoryWindow } from '../../domain/history.js';
import { MINUTE } from '../../domain/time.js';
import { HistoryRepository } from '../../live/history/history.repository.js';
import { AT, noNumbers, spanOf } from '../../live/history/recorder/span-numbers.js';
import { mapInSlices } from '../../timing/slices.js';
import type { PostgresStore } from './postgres-store.js';
import { rowOfSpec } from './postgres-store.js';
import { HISTORY_OF_NAMESPACE, HISTORY_OF_SPEC, HISTORY_STEP } from './sql/history.sql.js';
import type { Row } from './wire/statement.js';
import { statement } from './wire/statement.js';
import { textParameter } from './wire/values.js';

export class PostgresHistoryRepository extends HistoryRepository {
  constructor(private readonly store: PostgresStore) {
    super();
  }

  override async ofSpec(namespace: string, workSpec: string, window: HistoryWindow): Promise<HistorySpan[]> {
    const rows = await this.read(HISTORY_OF_SPEC, namespace, workSpec, window);
    rowOfSpec(rows, workSpec);
    return this.spansOf(rows, window);
  }

  override async ofNamespace(namespace: string, window: HistoryWindow): Promise<HistorySpan[]> {
    return this.spansOf(await this.read(HISTORY_OF_NAMESPACE, namespace, '', window), window);
  }

  private async read(
    question: typeof HISTORY_OF_SPEC,
    namespace: string,
    workSpec: string,
    { from, to, step }: HistoryWindow,
  ): Promise<Row[]> {
    await this.store.history.flush();
    const names = [textParameter(namespace), textParameter(workSpec)];
    return this.store.pool.query(statement(question, ...names, from, to, step));
  }

  private spansOf(rows: readonly Row[], { step }: HistoryWindow): Promise<HistorySpan[]> {
    const there = rows.filter((row) => row[HISTORY_STEP.start] !== null);
    return mapInSlices(there, (row) => {
      const start = Number(row[HISTORY_STEP.start]);
      const numbers = noNumbers();
      COUNTED.forEach((_, at) => (numbers[at] = Number(row[HISTORY_STEP.counts + at])));
      numbers[AT.waitedSeconds] = Number(row[HISTORY_STEP.waited_seconds]);
      numbers[AT.workedSeconds] = Number(row[HISTORY_STEP.worked_seconds]);
      numbers.set(numbersOf(row[HISTORY_STEP.waited]!), AT.waited);
      numbers.set(numbersOf(row[HISTORY_STEP.worked]!), AT.worked);
      return spanOf(start, start + Math.max(step, Number(row[HISTORY_STEP.minutes]) * MINUTE), numbers);
    });
  }
}

/** The text form of an array of numbers. */
function numbersOf(text: string): number[] {
  return text.slice(1, -1).split(',').map(Number);
}
