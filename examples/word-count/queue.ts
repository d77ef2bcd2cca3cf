import { type Coordinate, NoSuchWorkSpecError } from 'coordinate-client';
import { CLASSES } from './table.js';
import type { Content } from './tasks.js';

/** Counts the words of a file; chained to SIZE_CLASS. */
export const COUNT_WORDS = 'example-count-words';
/** Puts a file into a size class; its units are named EXTENSION/PATH and come from COUNT_WORDS. */
export const SIZE_CLASS = 'example-size-class';
export const SPECS = [COUNT_WORDS, SIZE_CLASS];

export interface Counts {
  readonly finished: number;
  readonly failed: number;
  readonly pending: number;
}

export interface UnitName {
  readonly spec: string;
  readonly key: string;
}

/** The driver's side of the two work specs. */
export class WordCountQueue {
  constructor(readonly coordinate: Coordinate) {}

  /** Sets up both work specs, empty of earlier runs, and adds a unit for each file. */
  async fill(directory: string, paths: readonly string[]): Promise<void> {
    const { coordinate } = this;
    for (const name of SPECS) {
      await coordinate
        .spec(name)
        .delete()
        .catch((error: unknown) => {
          if (!(error instanceof NoSuchWorkSpecError)) throw error;
        });
    }
    await coordinate.spec(SIZE_CLASS).set({ task: 'size_class', classes: CLASSES });
    await coordinate.spec(COUNT_WORDS).set({ task: 'count_words', directory, then: SIZE_CLASS });
    await coordinate.spec(COUNT_WORDS).add(paths);
  }

  /** Units of both specs together. */
  async counts(): Promise<Counts> {
    const sums = { finished: 0, failed: 0, pending: 0 };
    for (const name of SPECS) {
      const { finished, failed, pending } = await this.coordinate.spec(name).counts();
      sums.finished += finished;
      sums.failed += failed;
      sums.pending += pending;
    }
    return sums;
  }

  /** The finished units of a spec with their data, in the order of their names. */
  async finished(spec: string): Promise<[string, Content][]> {
    const units: [string, Content][] = [];
    const query = { status: 'finished', include: 'data' } as const;
    for await (const { name, data } of this.coordinate.spec(spec).units<Content>(query)) {
      units.push([String(name), data!]);
    }
    return units;
  }

  /** Why units failed. */
  async failures(): Promise<string> {
    const causes: string[] = [];
    for (const spec of SPECS) {
      for (const { cause, examples } of await this.coordinate.spec(spec).failures()) {
        causes.push(`${spec} ${examples.map(String).join(', ')}: ${cause}`);
      }
    }
    return causes.join('; ');
  }

  /** Says that this process has children: whoever looks at the workers sees that they belong together. */
  registerParent(id: string): Promise<void> {
    return this.coordinate.worker(id).update({ mode: 'RUN', lifetime: '1h' });
  }

  unregisterParent(id: string): Promise<void> {
    return this.coordinate.worker(id).deactivate();
  }

  /** The units that a worker has claimed and not reported on. */
  async heldBy(worker: string): Promise<UnitName[]> {
    const held: UnitName[] = [];
    for await (const { spec, unit } of this.coordinate.worker(worker).activeAttempts()) {
      held.push({ spec, key: String(unit) });
    }
    return held;
  }

  /** The name of the worker that finished a unit; undefined while it is not finished. */
  async finisherOf({ spec, key }: UnitName): Promise<string | undefined> {
    for await (const attempt of this.coordinate.spec(spec).unit(key).attempts()) {
      if (attempt.status === 'finished') return String(attempt.worker);
    }
    return undefined;
  }
}
