import type { AttemptOutcome } from '../../domain/attempt-outcome.js';
import type { AttemptStatus } from '../../domain/attempt.js';
import type { EncodedData } from '../../domain/data.js';
import type { ByteName } from '../../domain/names.js';
import type { Micros } from '../../domain/time.js';
import type { AttemptPort } from '../../domain/unit-port.js';
import type { WorkObserver } from '../../domain/work-observer.js';
import type { AttemptTable } from './attempt-table.js';
import type { ByteStore } from './structures/byte-store.js';

/** What keeps the attempts that a slot shows. */
export interface ShownAttempts {
  readonly table: AttemptTable;
  workerOf(attempt: number): { readonly name: ByteName; finished(end: Micros): void };
  become(attempt: number, status: AttemptStatus, end: Micros): void;
  setExpiration(attempt: number, expiration: Micros): void;
  setLate(attempt: number, late: boolean): void;
  setOwnData(attempt: number, data: EncodedData): void;
}

/** Where their data are, and who is told of their ends. */
export interface ShownData {
  readonly bytes: ByteStore;
  readonly observer: WorkObserver;
  readData(ref: number): EncodedData;
}

/** One attempt after another as the rules of the domain see it: there is one of these for very many attempts. */
export class AttemptSlot implements AttemptPort {
  id = 0;

  constructor(
    private readonly attempts: ShownAttempts,
    private readonly work: ShownData,
  ) {}

  at(id: number): this {
    this.id = id;
    return this;
  }

  get number(): number {
    return this.attempts.table.number(this.id);
  }

  get worker(): ByteName {
    return this.attempts.workerOf(this.id).name;
  }

  get start(): Micros {
    return this.attempts.table.start(this.id);
  }

  get status(): AttemptStatus {
    return this.attempts.table.status(this.id);
  }

  get expiration(): Micros {
    return this.attempts.table.expiration(this.id);
  }
  set expiration(moment: Micros) {
    this.attempts.setExpiration(this.id, moment);
  }

  get late(): boolean {
    return this.attempts.table.late(this.id);
  }
  set late(late: boolean) {
    this.attempts.setLate(this.id, late);
  }

  get ownData(): EncodedData | undefined {
    const own = this.attempts.table.ownData(this.id);
    return own === 0 ? undefined : this.work.bytes.view(own);
  }
  set ownData(data: EncodedData) {
    this.attempts.setOwnData(this.id, data);
  }

  get data(): EncodedData {
    return this.ownData ?? this.work.readData(this.attempts.table.startData(this.id));
  }

  become(status: AttemptStatus, end: Micros): void {
    this.attempts.become(this.id, status, end);
  }

  noteEnd(outcome: AttemptOutcome, end: Micros): void {
    const worker = this.attempts.workerOf(this.id);
    if (outcome === 'finished') worker.finished(end);
    this.work.observer.ended(outcome, this.start, end, worker.name);
  }
}
