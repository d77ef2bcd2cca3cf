import type { Answer, CborRpcClient } from './client.js';
import { CLASSES } from './table.js';

/** Counts the words of a file; chained to SIZE_CLASS. */
export const COUNT_WORDS = 'example-count-words';
/** Puts a file into a size class; its units are named EXTENSION/PATH and come from COUNT_WORDS. */
export const SIZE_CLASS = 'example-size-class';
export const SPECS = [COUNT_WORDS, SIZE_CLASS];

const UNITS_A_CALL = 1000;
const [PENDING, FINISHED, FAILED] = [3, 4, 5];

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
  constructor(private readonly client: CborRpcClient) {}

  /** Sets up both work specs, empty of earlier runs, and adds a unit for each file. */
  async fill(directory: string, paths: readonly string[]): Promise<void> {
    const { client } = this;
    for (const name of SPECS) await client.call('del_work_spec', name);
    await client.value('set_work_spec', { name: SIZE_CLASS, task: 'size_class', classes: CLASSES });
    await client.value('set_work_spec', { name: COUNT_WORDS, task: 'count_words', directory, then: SIZE_CLASS });
    for (let i = 0; i < paths.length; i += UNITS_A_CALL) {
      const units = paths.slice(i, i + UNITS_A_CALL).map((path) => [path, {}]);
      await client.value('add_work_units', COUNT_WORDS, units);
    }
  }

  /** Units of both specs together. */
  async counts(): Promise<Counts> {
    const sums = { finished: 0, failed: 0, pending: 0 };
    for (const name of SPECS) {
      const counts = (await this.client.value('count_work_units', name)) as Answer;
      const of = (state: number) => Number(counts.get(String(state)) ?? 0);
      sums.finished += of(FINISHED);
      sums.failed += of(FAILED);
      sums.pending += of(PENDING);
    }
    return sums;
  }

  /** The finished units of a spec with their data, in the order of their names. */
  async finished(spec: string): Promise<[string, Answer][]> {
    const units: [string, Answer][] = [];
    for (;;) {
      const page = (await this.client.value('get_work_units', spec, {
        state: FINISHED,
        limit: UNITS_A_CALL,
        // The names greater than the last one.
        ...(units.length > 0 ? { start: units[units.length - 1][0] } : {}),
      })) as [string, Answer][];
      units.push(...page);
      if (page.length < UNITS_A_CALL) return units;
    }
  }

  /** Why a unit failed. */
  async someFailure(): Promise<string> {
    for (const spec of SPECS) {
      const [first] = (await this.client.value('get_work_units', spec, { state: FAILED, limit: 1 })) as [
        string,
        Answer,
      ][];
      if (first !== undefined) return `${spec} ${first[0]}: ${String(first[1].get('traceback'))}`;
    }
    return 'none';
  }

  /** Makes this process a worker that has children, so that it can ask what they hold. */
  async registerParent(id: string, expireSeconds: number): Promise<void> {
    await this.client.value('worker_heartbeat', id, 'RUN', expireSeconds, {}, null);
  }

  async unregisterParent(id: string): Promise<void> {
    await this.client.call('worker_unregister', id);
  }

  /** The units that a child of `parent` has claimed and not reported on. */
  async heldBy(parent: string, child: string): Promise<UnitName[]> {
    const children = (await this.client.value('get_child_work_units', parent)) as Map<string, Answer[]>;
    const units = children.get(child) ?? [];
    return units
      .filter((unit) => unit.get('worker_id') === child)
      .map((unit) => ({ spec: String(unit.get('work_spec_name')), key: String(unit.get('work_unit_key')) }));
  }

  /** The id of the worker that finished a unit; undefined while it is not finished. */
  async finisherOf({ spec, key }: UnitName): Promise<string | undefined> {
    const [status] = (await this.client.value('get_work_unit_status', spec, [key])) as [Answer | null];
    return status?.get('status') === FINISHED ? String(status.get('worker_id')) : undefined;
  }
}
