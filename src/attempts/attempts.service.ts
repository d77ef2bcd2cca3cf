import { Injectable } from '@nestjs/common';
import type { Attempt, AttemptChange, AttemptRecord, AttemptRef, Claim, ClaimRequest } from '../domain/attempt.js';
import type { Awaitable } from '../domain/awaitable.js';
import type { CoordinateError } from '../domain/errors.js';
import type { ByteName } from '../domain/names.js';
import { checkByteName } from '../domain/names.js';
import type { ReportAnswer, WorkUnitReport } from '../domain/report.js';
import type { Micros } from '../domain/time.js';
import { AskedRuntimes } from '../work-specs/asked-runtimes.js';
import { AttemptRepository } from './attempt.repository.js';

/** Attempts, as both interfaces use them. Errors are those of the repository. */
@Injectable()
export class AttemptsService {
  constructor(
    private readonly attempts: AttemptRepository,
    private readonly runtimes: AskedRuntimes = new AskedRuntimes(),
  ) {}

  /** A number of units below 1 counts as 1. @throws InvalidValueError when the worker's name is too long */
  claim(namespace: string, request: ClaimRequest): Awaitable<Claim> {
    checkByteName('worker', request.worker);
    this.runtimes.note(namespace, request.runtimes);
    return this.attempts.claim(namespace, request.units >= 1 ? request : { ...request, units: 1 });
  }

  undoClaim(namespace: string, attempts: readonly AttemptRef[]): Awaitable<void> {
    return this.attempts.undoClaim(namespace, attempts);
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
