import { Injectable, Logger } from '@nestjs/common';
import type { Attempt, AttemptChange, AttemptRecord, AttemptRef, Claim, ClaimRequest } from '../domain/attempt.js';
import type { Awaitable } from '../domain/awaitable.js';
import type { CoordinateError } from '../domain/errors.js';
import type { ByteName } from '../domain/names.js';
import { checkByteName } from '../domain/names.js';
import type { ReportAnswer, WorkUnitReport } from '../domain/report.js';
import type { Micros } from '../domain/time.js';
import { AskedRuntimes } from '../work-specs/asked-runtimes.js';
import { AttemptRepository } from './attempt.repository.js';

/** So many units at most are given out in one go. */
const MOST_UNITS = 100_000;

/** Attempts, as both interfaces use them. Errors are those of the repository. */
@Injectable()
export class AttemptsService {
  private readonly logger = new Logger('Attempts');

  constructor(
    private readonly attempts: AttemptRepository,
    private readonly runtimes: AskedRuntimes = new AskedRuntimes(),
  ) {}

  /** A number of units below 1 counts as 1, one above MOST_UNITS as that. @throws InvalidValueError when the worker's name is too long */
  claim(namespace: string, request: ClaimRequest): Awaitable<Claim> {
    checkByteName('worker', request.worker);
    this.runtimes.note(namespace, request.runtimes);
    const { units } = request;
    if (units >= 1 && units <= MOST_UNITS) return this.attempts.claim(namespace, request);
    return this.attempts.claim(namespace, { ...request, units: units >= 1 ? MOST_UNITS : 1 });
  }

  /** Takes back what somebody has been given who will never hear of it: the units are as if nobody had claimed them. */
  takeBack(namespace: string, attempts: readonly AttemptRef[]): void {
    void this.undo(namespace, attempts);
  }

  private async undo(namespace: string, attempts: readonly AttemptRef[]): Promise<void> {
    try {
      await this.attempts.undoClaim(namespace, attempts);
    } catch (error) {
      // Then the leases have to run out.
      const reason = error instanceof Error ? error.message : String(error);
      this.logger.warn(`a claim that nobody heard of could not be taken back: ${reason}`);
    }
  }

  make(
    namespace: string,
    request: { worker: ByteName; workSpec: string; workUnit: ByteName; lifetime: Micros },
  ): Awaitable<Attempt> {
    checkByteName('worker', request.worker);
    return this.attempts.make(namespace, request);
  }

  get(namespace: string, ref: AttemptRef): Awaitable<Attempt> {
    return this.attempts.get(namespace, ref);
  }

  change(namespace: string, change: AttemptChange): Awaitable<AttemptRecord> {
    return this.attempts.change(namespace, change);
  }

  changeMany(namespace: string, changes: readonly AttemptChange[]): Awaitable<(AttemptRecord | CoordinateError)[]> {
    return this.attempts.changeMany(namespace, changes);
  }

  report(namespace: string, report: WorkUnitReport): Awaitable<ReportAnswer> {
    if (report.worker !== undefined) checkByteName('worker', report.worker);
    return this.attempts.report(namespace, report);
  }

  activeOf(namespace: string, worker: ByteName): Awaitable<Attempt[]> {
    return this.attempts.activeOf(namespace, worker);
  }

  allOf(namespace: string, worker: ByteName): Awaitable<Attempt[]> {
    return this.attempts.allOf(namespace, worker);
  }

  ofChildrenOf(namespace: string, worker: ByteName): Awaitable<Attempt[]> {
    return this.attempts.ofChildrenOf(namespace, worker);
  }
}
