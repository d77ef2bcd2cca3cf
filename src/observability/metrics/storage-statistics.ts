import { CoordinateError, InvalidValueError } from '../../domain/errors.js';
import { OperationTimes } from '../../timing/operation-times.js';

/** What one operation of a repository has taken, and how often it failed. */
class OperationStatistics extends OperationTimes {
  /** Those that failed, other than by a rule of the model: the storage was away, or something is wrong. */
  failures = 0;

  failed(error: unknown): void {
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
    for (const name of methodsOf(repository)) {
      const statistics = new OperationStatistics();
      this.operations.set(`${prefix}.${name}`, statistics);
      // As the repository has it: one that stands before another one may do something else.
      timed[name] = timing((repository as Record<string, Method>)[name], repository, statistics);
    }
    return timed as T;
  }
}

/** The names of the methods of an object's class, and of those that this extends. */
function methodsOf(repository: object): ReadonlySet<string> {
  const names = new Set<string>();
  const classOf = (object: object): object | null => Object.getPrototypeOf(object) as object | null;
  for (let each = classOf(repository); each !== null && each !== Object.prototype; each = classOf(each)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(each))) {
      if (name !== 'constructor' && typeof value === 'function') names.add(name);
    }
  }
  return names;
}

function timing(method: Method, self: object, statistics: OperationStatistics): Method {
  return (...args) => {
    const begun = statistics.begin();
    let result: unknown;
    try {
      result = method.apply(self, args);
    } catch (error) {
      statistics.end(begun);
      statistics.failed(error);
      throw error;
    }
    if (result instanceof Promise) answersLater(result, statistics, begun);
    else statistics.end(begun);
    return result;
  };
}

/** In a function of its own: where closures are made, all that they see is kept on the heap, for each call. */
function answersLater(answer: Promise<unknown>, statistics: OperationStatistics, begun: number): void {
  const since = statistics.goesOn(begun);
  answer.then(
    () => statistics.endLater(since),
    (error: unknown) => {
      statistics.endLater(since);
      statistics.failed(error);
    },
  );
}
