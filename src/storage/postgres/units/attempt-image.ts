import type { AttemptOutcome } from '../../../domain/attempt-outcome.js';
import type { AttemptStatus } from '../../../domain/attempt.js';
import type { EncodedData } from '../../../domain/data.js';
import type { ByteName } from '../../../domain/names.js';
import type { Micros } from '../../../domain/time.js';
import type { AttemptPort } from '../../../domain/unit-port.js';

/** That an attempt came to its end, for those who look on. */
export interface AttemptEnd {
  readonly outcome: AttemptOutcome;
  readonly start: Micros;
  readonly end: Micros;
  readonly worker: ByteName;
}

/** What an attempt is read and written with. */
export interface AttemptHolder {
  readonly ends: AttemptEnd[];
  /** It has changed, and has to be written. */
  touch(): void;
}

/** For attempts that are only looked at. */
export const NO_HOLDER: AttemptHolder = { ends: [], touch: () => undefined };

/** An attempt as a transaction sees it and the rules of the domain change it. */
export class AttemptImage implements AttemptPort {
  /** New data of its own, where they were set. */
  newData: EncodedData | undefined;
  /** Data of its own that the database has, where they were asked for. */
  loadedData: EncodedData | undefined;
  /** What it shows, where that was asked for. */
  shownData: EncodedData | undefined;

  constructor(
    private readonly holder: AttemptHolder,
    /** 0 until the database gives one out. */
    public number: number,
    readonly worker: ByteName,
    readonly start: Micros,
    public end: Micros,
    private lease: Micros,
    public status: AttemptStatus,
    private isLate: boolean,
  ) {}

  get expiration(): Micros {
    return this.lease;
  }
  set expiration(moment: Micros) {
    this.lease = moment;
    this.holder.touch();
  }

  get late(): boolean {
    return this.isLate;
  }
  set late(late: boolean) {
    if (this.isLate === late) return;
    this.isLate = late;
    this.holder.touch();
  }

  get ownData(): EncodedData | undefined {
    return this.newData ?? this.loadedData;
  }
  set ownData(data: EncodedData) {
    this.newData = data;
    this.holder.touch();
  }

  /** To be read only where it was asked for. */
  get data(): EncodedData {
    return this.newData ?? asked(this.shownData);
  }

  become(status: AttemptStatus, end: Micros): void {
    this.status = status;
    this.end = end;
    this.holder.touch();
  }

  noteEnd(outcome: AttemptOutcome, end: Micros): void {
    this.holder.ends.push({ outcome, start: this.start, end, worker: this.worker });
  }
}

/** Data that a rule needs, and that therefore have been read. */
export function asked(data: EncodedData | undefined): EncodedData {
  if (data === undefined) throw new Error('data are needed that have not been read');
  return data;
}
