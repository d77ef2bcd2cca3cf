import type { Answer, CborRpcClient } from 'coordinate-client';
import { UnitState } from 'coordinate-client';
import { CLASSES } from './table.js';
import type { Content } from './tasks.js';

/** Counts the words of a file; chained to SIZE_CLASS. */
export const COUNT_WORDS = 'example-count-words';
/** Puts a file into a size class; its units are named EXTENSION/PATH and come from COUNT_WORDS. */
export const SIZE_CLASS = 'example-size-class';
export const SPECS = [COUNT_WORDS, SIZE_CLASS];

const UNITS_A_CALL = 1000;
const { pending: PENDING, finished: FINISHED, failed: FAILED } = UnitState;

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
    await client.call('set_work_spec', { name: SIZE_CLASS, task: 'size_class', classes: CLASSES });
    await client.call('set_work_spec', { name: COUNT_WORDS, task: 'count_words', directory, then: SIZE_CLASS });
    for (let i = 0; i < paths.length; i += UNITS_A_CALL) {
      valueOf(await client.call('add_work_units', COUNT_WORDS, paths.slice(i, i + UNITS_A_CALL)));
    }
  }

  /** Units of both specs together. */
  async counts(): Promise<Counts> {
    const sums = { finished: 0, failed: 0, pending: 0 };
    for (const name of SPECS) {
      const counts = valueOf(await this.client.call('count_work_units', name));
      const of = (state: UnitState) => counts.get(state) ?? 0;
      sums.finished += of(FINISHED);
      sums.failed += of(FAILED);
      sums.pending += of(PENDING);
    }
    return sums;
  }

  /** The finished units of a spec with their data, in the order of their names. */
  async finished(spec: string): Promise<[string, Content][]> {
    const units: [string, Content][] = [];
    for (;;) {
      const window = { state: FINISHED, limit: UNITS_A_CALL, start: units.at(-1)?.[0] };
      const page = valueOf(await this.client.call('get_work_units', spec, window)) as [string, Content][];
      units.push(...page);
      if (page.length < UNITS_A_CALL) return units;
    }
  }

  /** Why a unit failed. */
  async someFailure(): Promise<string> {
    for (const spec of SPECS) {
      const window = { state: FAILED, limit: 1 };
      const [first] = valueOf(await this.client.call('get_work_units', spec, window)) as [string, Content][];
      if (first !== undefined) return `${spec} ${first[0]}: ${String(first[1].traceback)}`;
    }
    return 'none';
  }

  /** Makes this process a worker that has children, so that it can ask what they hold. */
  async registerParent(id: string, expireSeconds: number): Promise<void> {
    await this.client.call('worker_heartbeat', id, 'RUN', expireSeconds, {}, null);
  }

  async unregisterParent(id: string): Promise<void> {
    await this.client.call('worker_unregister', id);
  }

  /** The units that a child of `parent` has claimed and not reported on. */
  async heldBy(parent: string, child: string): Promise<UnitName[]> {
    const children = valueOf(await this.client.call('get_child_work_units', parent));
    return (children[child] ?? [])
      .filter(({ worker_id }) => worker_id === child)
      .map(({ work_spec_name: spec, work_unit_key: key }) => ({ spec, key: String(key) }));
  }

  /** The id of the worker that finished a unit; undefined while it is not finished. */
  async finisherOf({ spec, key }: UnitName): Promise<string | undefined> {
    const [status] = valueOf(await this.client.call('get_work_unit_status', spec, [key]));
    return status?.status === FINISHED ? String(status.worker_id) : undefined;
  }
}

/** The value of an answer. @throws Error with what the daemon says in place of one */
export function valueOf<T>([value, message]: Answer<T | null>): T {
  if (value === null || value === false) throw new Error(message ?? 'no answer');
  return value;
}
