import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CoordinateError, NoSuchWorkSpecError } from '../../../src/domain/errors.js';
import { StorageStatistics } from '../../../src/observability/metrics/storage-statistics.js';

/** A repository whose operations take as long, in milliseconds, as they are told to. */
class ClockedRepository {
  constructor(private readonly advance: (milliseconds: number) => void) {}

  atOnce(takes: number, ...more: unknown[]): unknown[] {
    this.advance(takes);
    return more;
  }

  fails(takes: number, error: Error): void {
    this.advance(takes);
    throw error;
  }

  async later(takes: number, error?: Error): Promise<number> {
    await Promise.resolve();
    this.advance(takes);
    if (error) throw error;
    return takes;
  }

  /** Sometimes it has the answer at hand. */
  maybe(takes: number, isAtHand: boolean): number | Promise<number> {
    if (!isAtHand) return this.later(takes);
    this.advance(takes);
    return takes;
  }
}

describe('the statistics of the storage', () => {
  let now = 0;
  let statistics: StorageStatistics;
  let repository: ClockedRepository;
  const of = (name: string) => statistics.operations.get(`clocked.${name}`)!;

  beforeEach(() => {
    now = 5000;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    statistics = new StorageStatistics();
    repository = statistics.watch('ClockedRepository', new ClockedRepository((milliseconds) => (now += milliseconds)));
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('hand on arguments, answers and errors', async () => {
    expect(repository.atOnce(0, 1, 2, 3, 4, 5, 6)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await repository.later(7)).toBe(7);
    const error = new Error('away');
    expect(() => repository.fails(1, error)).toThrow(error);
    await expect(repository.later(1, error)).rejects.toBe(error);
  });

  it('have a repository that stands before another one do what it does', async () => {
    const near = new ClockedRepository((milliseconds) => (now += milliseconds));
    const distant = new Proxy(near, {
      get(target, name): unknown {
        const member = Reflect.get(target, name, target) as (...args: unknown[]) => unknown;
        return async (...args: unknown[]) => {
          await target.later(100);
          return Reflect.apply(member, target, args);
        };
      },
    });
    repository = statistics.watch('ClockedRepository', distant);
    const answer: unknown = repository.atOnce(1, 'there');
    expect(answer).toBeInstanceOf(Promise);
    expect(await answer).toEqual(['there']);
    expect(of('atOnce').seconds.sum).toBeCloseTo(0.101, 12);
  });

  it('time what a repository has from a class that it extends', () => {
    class Extended extends ClockedRepository {}
    const extended = new Extended((milliseconds) => (now += milliseconds));
    statistics.watch('ClockedRepository', extended).atOnce(30);
    expect(of('atOnce').seconds.sum).toBeCloseTo(0.03, 12);
  });

  it('time those that answer at once, and those that have to be waited for', async () => {
    for (let call = 1; call <= 20; call++) repository.atOnce(call);
    expect(of('atOnce').seconds.count).toBe(20);
    expect(of('atOnce').seconds.sum).toBeCloseTo(0.21, 12);
    for (let call = 0; call < 20; call++) await repository.later(0.01 * (call % 2));
    expect(of('later').seconds.count).toBe(20);
    expect(of('later').seconds.sum).toBeCloseTo(10 * 0.00001, 12);
  });

  it('time one that has to be waited for after many short ones that had not', async () => {
    for (let call = 0; call < 5; call++) expect(repository.maybe(0.01, true)).toBe(0.01);
    await repository.maybe(3000, false);
    expect(of('maybe').seconds.count).toBe(6);
    expect(of('maybe').seconds.sum).toBeCloseTo(3.00005, 12);
  });

  it('count as failures what is no rule of the model', async () => {
    const rule: CoordinateError = new NoSuchWorkSpecError('s');
    for (let call = 0; call < 10; call++) expect(() => repository.fails(0, new Error('away'))).toThrow();
    for (let call = 0; call < 10; call++) expect(() => repository.fails(0, rule)).toThrow();
    expect([of('fails').seconds.count, of('fails').failures]).toEqual([20, 10]);
    await expect(repository.later(1, new Error('away'))).rejects.toThrow();
    await expect(repository.later(1, rule)).rejects.toThrow();
    expect([of('later').seconds.count, of('later').failures]).toEqual([2, 1]);
  });
});
