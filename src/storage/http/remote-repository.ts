import type { AttemptList, AttemptRecord } from '../../domain/attempt.js';
import { type CalledRepository, type StorageCall, STORAGE_CALLS } from '../../storage-calls/calls/table.js';
import type { OtherDaemon } from './other-daemon.js';

/** A repository each of whose methods is a call of another daemon; the table of calls has one for each. */
export function remoteRepository<R extends object>(
  { prototype }: abstract new () => R,
  repository: CalledRepository,
  other: OtherDaemon,
): R {
  const methods = Object.entries<StorageCall>(STORAGE_CALLS[repository]).map(([method, { isWindow }]) => {
    const name = `${repository}.${method}`;
    const call = (...args: readonly unknown[]): unknown => other.call(name, args);
    return [method, { value: isWindow ? windowed(other, name) : call, enumerable: true }] as const;
  });
  return Object.create(prototype as object, Object.fromEntries(methods)) as R;
}

/** What gives a list that is read in windows. The last parameter of its method is behind which number it begins. */
function windowed(other: OtherDaemon, name: string): (...args: readonly unknown[]) => unknown {
  if (name === 'attempts.listOf') {
    return (namespace, worker, which, after) =>
      new RemoteList(other, name, [namespace, worker, which], after as number);
  }
  return async (namespace, workSpec, unit, after) => {
    const list = new RemoteList(other, name, [namespace, workSpec, unit], after as number | undefined);
    // A unit that is not there is told of at once.
    await list.next(0);
    return list;
  };
}

class RemoteList implements AttemptList {
  readonly held = 0;

  constructor(
    private readonly other: OtherDaemon,
    private readonly name: string,
    private readonly place: readonly unknown[],
    private after: number | undefined,
  ) {}

  async next(most: number): Promise<AttemptRecord[]> {
    const found = (await this.other.call(this.name, [...this.place, this.after, most])) as AttemptRecord[];
    this.after = found.at(-1)?.number ?? this.after;
    return found;
  }
}
