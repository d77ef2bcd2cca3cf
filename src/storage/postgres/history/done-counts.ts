import type { ByteName } from '../../../domain/names.js';
import { bytesOfName } from '../../../domain/names.js';
import type { Micros } from '../../../domain/time.js';
import { DONE_SPAN } from '../../../live/history/recorder/recent-done.js';
import { ADD_DONE, EXISTING_DONE, FREE_DONE } from '../sql/workers-done.sql.js';
import { byteaColumn, int8Column } from '../wire/columns.js';
import type { Statement } from '../wire/statement.js';
import { statement } from '../wire/statement.js';

/** So many workers are counted until they are written; of others that are at work besides nothing is counted. */
const MOST = 50_000;

/** What a worker has finished in a span of time, as far as it has not been written yet. */
export interface Done {
  /** Of the work spec. */
  readonly historyId: number;
  readonly worker: ByteName;
  readonly span: Micros;
  finished: number;
}

/** What workers have finished through this daemon. */
export class DoneCounts {
  private counts = new Map<string, Map<ByteName, Done>>();
  private size = 0;
  /** What was counted last: most often the same worker goes on. */
  private last: Done | undefined;

  /** A worker has finished a unit. */
  add(historyId: number, worker: ByteName, end: Micros, finished = 1): void {
    const span = Math.floor(end / DONE_SPAN) * DONE_SPAN;
    const { last } = this;
    if (last?.worker === worker && last.historyId === historyId && last.span === span) {
      last.finished += finished;
      return;
    }
    const key = `${span} ${historyId}`;
    let workers = this.counts.get(key);
    if (!workers) this.counts.set(key, (workers = new Map<ByteName, Done>()));
    const known = workers.get(worker);
    if (known) known.finished += finished;
    else if (this.size < MOST) {
      this.size++;
      workers.set(worker, { historyId, worker, span, finished });
    }
    this.last = workers.get(worker);
  }

  /** What there is to write; it is counted anew from here on. */
  take(): Done[] {
    const all = [...this.counts.values()].flatMap((workers) => [...workers.values()]);
    this.counts = new Map();
    this.size = 0;
    this.last = undefined;
    return all;
  }

  /** It has not been written. */
  putBack(done: readonly Done[]): void {
    for (const { historyId, worker, span, finished } of done) this.add(historyId, worker, span, finished);
  }
}

/** Which of it is there, and which of that nobody holds. */
export function lookingForDone(done: readonly Done[]): [existing: Statement, free: Statement] {
  const which = [
    int8Column(done.map(({ historyId }) => historyId)),
    byteaColumn(done.map(({ worker }) => bytesOfName(worker))),
    int8Column(done.map(({ span }) => span)),
  ] as const;
  return [statement(EXISTING_DONE, ...which), statement(FREE_DONE, ...which)];
}

export function addingDone(done: readonly Done[]): Statement {
  return statement(
    ADD_DONE,
    int8Column(done.map(({ historyId }) => historyId)),
    byteaColumn(done.map(({ worker }) => bytesOfName(worker))),
    int8Column(done.map(({ span }) => span)),
    int8Column(done.map(({ finished }) => finished)),
  );
}
