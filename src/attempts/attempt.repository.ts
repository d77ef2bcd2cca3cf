import type { Awaitable } from '../domain/awaitable.js';
import type {
  Attempt,
  AttemptChange,
  AttemptRecord,
  AttemptRef,
  Claim,
  ClaimRequest,
  AttemptList,
  AttemptsOf,
  MakeRequest,
} from '../domain/attempt.js';
import type { CoordinateError } from '../domain/errors.js';
import type { ByteName } from '../domain/names.js';
import type { ReportAnswer, WorkUnitReport } from '../domain/report.js';

/**
 * Attempts: claiming work and bringing it home. Every operation is one atomic step with all that follows from it (the
 * unit's status, chained units): after a crash either all of it is there or none. Each reads the clock once.
 * The class is its own injection token; a storage backend implements it.
 */
export abstract class AttemptRepository {
  /**
   * Draws a spec among those that can give out work, and starts attempts on its first units (highest priority first,
   * then bytewise by name) for a worker, whose record it makes if need be. Nothing to do is an empty claim.
   * Makes the namespace unless the request says otherwise.
   */
  abstract claim(namespace: string, request: ClaimRequest): Awaitable<Claim>;

  /**
   * Takes back a claim that nobody has heard of: of those of its attempts, all of one spec, that are pending still, and their units' active ones,
   * nothing is left, neither in the history nor in the count of max_retries; the units are available as before. What is no
   * longer so, or gone, is left as it is.
   */
  abstract undoClaim(namespace: string, attempts: readonly AttemptRef[]): Awaitable<void>;

  /**
   * Starts an attempt on a named unit whatever its state; an active attempt before it is superseded. Makes the worker's
   * record. @throws NoSuchWorkSpecError, NoSuchWorkUnitError, HeldByOthersError
   */
  abstract make(namespace: string, request: MakeRequest): Awaitable<Attempt>;

  /** @throws NoSuchWorkSpecError, NoSuchWorkUnitError, GoneError when the unit is there and the attempt is not */
  abstract get(namespace: string, ref: AttemptRef): Awaitable<Attempt>;

  /**
   * One transition. @returns the attempt as it is afterwards
   * @throws NotPendingError, LostLeaseError, and what get throws
   */
  abstract change(namespace: string, change: AttemptChange): Awaitable<AttemptRecord>;

  /** Many transitions, one after another in order, each for itself: an error of one is its result. */
  abstract changeMany(
    namespace: string,
    changes: readonly AttemptChange[],
  ): Awaitable<(AttemptRecord | CoordinateError)[]>;

  /**
   * A worker's word on a unit by name. Makes the worker's record where it names one.
   * @throws NoSuchWorkSpecError
   */
  abstract report(namespace: string, report: WorkUnitReport): Awaitable<ReportAnswer>;

  /**
   * The attempts whose number is greater than `after`, however many. It takes no room for their data, nor for much else.
   * A worker that is not there has none.
   */
  abstract listOf(namespace: string, worker: ByteName, which: AttemptsOf, after?: number): AttemptList;
}
