import { Injectable, Logger } from '@nestjs/common';
import type {
  Attempt,
  AttemptChange,
  AttemptRecord,
  AttemptRef,
  Claim,
  ClaimRequest,
  MakeRequest,
} from '../domain/attempt.js';
import { parseAttemptToken } from '../domain/attempt-token.js';
import type { Awaitable } from '../domain/awaitable.js';
import { type CoordinateError, GoneError } from '../domain/errors.js';
import type { ByteName } from '../domain/names.js';
import { checkByteName } from '../domain/names.js';
import type { ReportAnswer, WorkUnitReport } from '../domain/report.js';
import { nextTurn } from '../timing/slices.js';
import { AskedRuntimes } from '../work-specs/asked-runtimes.js';
import { WorkUnitRepository } from '../work-units/work-unit.repository.js';
import { WorkerRepository } from '../workers/worker.repository.js';
import { AttemptRepository } from './attempt.repository.js';

/** So many units at most are given out in one go. */
const MOST_UNITS = 100_000;
/** So many attempts are changed before others have their turn. */
const CHANGES_AT_ONCE = 500;

/** Whose attempt at which unit. */
export type AttemptPlace = Omit<AttemptRef, 'start' | 'number'>;

/** Attempts, as both interfaces use them. Errors are those of the repository. */
@Injectable()
export class AttemptsService {
  private readonly logger = new Logger('Attempts');

  constructor(
    /** For what needs no rule besides the storage's own. */
    readonly stored: AttemptRepository,
    private readonly units: WorkUnitRepository,
    private readonly workers: WorkerRepository,
    private readonly runtimes: AskedRuntimes = new AskedRuntimes(),
  ) {}

  /** A number of units below 1 counts as 1, one above MOST_UNITS as that. @throws InvalidValueError when the worker's name is too long */
  claim(namespace: string, request: ClaimRequest): Awaitable<Claim> {
    checkByteName('worker', request.worker);
    this.runtimes.note(namespace, request.runtimes);
    const { units } = request;
    if (units >= 1 && units <= MOST_UNITS) return this.stored.claim(namespace, request);
    return this.stored.claim(namespace, { ...request, units: units >= 1 ? MOST_UNITS : 1 });
  }

  /** Takes back what somebody has been given who will never hear of it: the units are as if nobody had claimed them. */
  takeBack(namespace: string, attempts: readonly AttemptRef[]): void {
    void this.undo(namespace, attempts);
  }

  private async undo(namespace: string, attempts: readonly AttemptRef[]): Promise<void> {
    try {
      await this.stored.undoClaim(namespace, attempts);
    } catch (error) {
      // Then the leases have to run out.
      const reason = error instanceof Error ? error.message : String(error);
      this.logger.warn(`a claim that nobody heard of could not be taken back: ${reason}`);
    }
  }

  make(namespace: string, request: MakeRequest): Awaitable<Attempt> {
    checkByteName('worker', request.worker);
    return this.stored.make(namespace, request);
  }

  report(namespace: string, report: WorkUnitReport): Awaitable<ReportAnswer> {
    if (report.worker !== undefined) checkByteName('worker', report.worker);
    return this.stored.report(namespace, report);
  }

  /**
   * Changes that a worker, whose record is made if need be, asks for one by one: an error of one is its result, and others have
   * their turn in between.
   */
  async changeMany(
    namespace: string,
    worker: ByteName,
    changes: readonly AttemptChange[],
  ): Promise<(AttemptRecord | CoordinateError)[]> {
    await this.workers.ensure(namespace, checkByteName('worker', worker));
    if (changes.length === 0) return [];
    if (changes.length <= CHANGES_AT_ONCE) return this.stored.changeMany(namespace, changes);
    const results: (AttemptRecord | CoordinateError)[] = [];
    for (let first = 0; first < changes.length; first += CHANGES_AT_ONCE) {
      if (first > 0) await nextTurn();
      const some = changes.slice(first, first + CHANGES_AT_ONCE);
      for (const result of await this.stored.changeMany(namespace, some)) results.push(result);
    }
    return results;
  }

  /**
   * The attempt at some place that an opaque token means.
   * @throws of what is not there the leftmost part: NoSuchWorkSpecError, NoSuchWorkUnitError, GoneError when it is no token
   */
  refOf(namespace: string, place: AttemptPlace, token: string): Awaitable<AttemptRef> {
    try {
      const { workSpec, workUnit, worker } = place;
      const { start, number } = parseAttemptToken(token);
      // Member by member: V8 makes a dictionary of what two objects are spread into, which takes longer each time it is read.
      return { workSpec, workUnit, worker, start, number };
    } catch (error) {
      if (!(error instanceof GoneError)) throw error;
      return this.whatIsMissing(namespace, place, error);
    }
  }

  private async whatIsMissing(namespace: string, place: AttemptPlace, error: GoneError): Promise<never> {
    await this.units.numAttempts(namespace, place.workSpec, place.workUnit);
    throw error;
  }
}
