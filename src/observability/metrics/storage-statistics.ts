import { performance } from 'node:perf_hooks';
import { CoordinateError, InvalidValueError } from '../../domain/errors.js';
import { OPERATION_BOUNDS, Tally } from '../../domain/tally.js';

const MILLISECONDS = 1000;

/** Two looks at the clock are a hundredth of what such an operation costs with the request around it. */
const SHORT_SECONDS = 0.0001;
/** After one that was short, so many are taken to be like it. */
const ALIKE = 7;
/** In place of when it began. */
const UNTIMED = -1;

/**
 * What one operation of a repository has taken. All are counted. Those that answer at once, as they do in memory, and are
 * short are timed one in eight; what others take is known of each.
 */
export class OperationStatistics {
  readonly seconds = new Tally(OPERATION_BOUNDS);
  /** Those among them that failed, other than by a rule of the model: the storage was away, or something is wrong. */
  failures = 0;
  /** What the last that was timed took. */
  private last = 0;
  /** How many of the next are not timed. */
  private untimed = 0;

  /** @returns what to call the others with when it is over */
  begin(): number {
    if (this.untimed === 0) return performance.now();
    this.untimed--;
    return UNTIMED;
  }

  answeredAtOnce(begun: number): void {
    if (begun !== UNTIMED) {
      this.last = (performance.now() - begun) / MILLISECONDS;
      if (this.last < SHORT_SECONDS) this.untimed = ALIKE;
    }
    this.seconds.add(this.last);
  }

  threwAtOnce(begun: number, error: unknown): void {
    this.answeredAtOnce(begun);
    this.noteFailure(error);
  }

  /** In a function of its own: where closures are made, all that they see is kept on the heap, for each call. */
  answersLater(begun: number, answer: Promise<unknown>): void {
    const since = begun === UNTIMED ? performance.now() : begun;
    const settled = (): void => this.seconds.add((performance.now() - since) / MILLISECONDS);
    answer.then(settled, (error: unknown) => {
      settled();
      this.noteFailure(error);
    });
  }

  private noteFailure(error: unknown): void {
    if (!(error instanceof CoordinateError || error instanceof InvalidValueError)) this.failures++;
  }
}

type Method = (...args: unknown[]) => unknown;

/** The operations of all repositories by names such as `attempt.claim`. */
export class StorageStatistics {
  readonly operations = new Map<string, OperationStatistics>();

  /** @returns a repository that does the same and whose operations are timed; what it does itself it calls untimed */
  watch<T extends object>(className: string, repository: T): T {
    const prefix = className.replace(/Repository$/, '').replace(/^./, (letter) => letter.toLowerCase());
    const timed = Object.create(repository) as Record<string, Method>;
    const methods = Object.getPrototypeOf(repository) as Record<string, Method>;
    for (const name of Object.getOwnPropertyNames(methods)) {
      if (name === 'constructor') continue;
      const statistics = new OperationStatistics();
      this.operations.set(`${prefix}.${name}`, statistics);
      timed[name] = timing(methods[name], repository, statistics);
    }
    return timed as T;
  }
}

function timing(method: Method, self: object, statistics: OperationStatistics): Method {
  return (...args) => {
    const begun = statistics.begin();
    let result: unknown;
    try {
      result = method.apply(self, args);
    } catch (error) {
      statistics.threwAtOnce(begun, error);
      throw error;
    }
    if (result instanceof Promise) statistics.answersLater(begun, result);
    else statistics.answeredAtOnce(begun);
    return result;
  };
}
