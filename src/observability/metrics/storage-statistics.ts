import { CoordinateError, InvalidValueError } from '../../domain/errors.js';
import { Tally } from './tally.js';

/** Upper bounds, in seconds: memory answers in microseconds, a database in milliseconds, a listing of millions in seconds. */
export const STORAGE_BOUNDS: readonly number[] = [
  0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
  5, 10,
];

const MILLISECONDS = 1000;

/** What one operation of a repository has taken. */
export class OperationStatistics {
  readonly seconds = new Tally(STORAGE_BOUNDS);
  /** Those among them that failed, other than by a rule of the model: the storage was away, or something is wrong. */
  failures = 0;

  succeeded(begun: number): void {
    this.seconds.add((performance.now() - begun) / MILLISECONDS);
  }

  threw(begun: number, error: unknown): void {
    this.succeeded(begun);
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
  // Most take four at most; gathering them in an array for each call would be felt.
  return (a, b, c, d, ...more) => {
    const begun = performance.now();
    let result: unknown;
    try {
      result = more.length === 0 ? method.call(self, a, b, c, d) : method.call(self, a, b, c, d, ...more);
    } catch (error) {
      statistics.threw(begun, error);
      throw error;
    }
    if (result instanceof Promise) {
      result.then(
        () => statistics.succeeded(begun),
        (error: unknown) => statistics.threw(begun, error),
      );
    } else {
      statistics.succeeded(begun);
    }
    return result;
  };
}
