import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { ProgressBar } from '../common/progress.js';
import { WorkerProcess } from '../common/worker-process.js';
import type { UnitName, WordCountQueue } from './queue.js';

const LOOK_EVERY_MS = 50;
/** As long as the moment to kill a worker is awaited: halfway may be over soon. */
const LOOK_CLOSELY_EVERY_MS = 5;
/** How long a frozen worker's last request may still be on its way. */
const SETTLE_MS = 20;

/** A worker that was killed, and what it had claimed by then. */
export interface Killed {
  readonly id: string;
  readonly held: readonly UnitName[];
}

/** The worker processes of one run. */
export class Crew {
  /** The driver's own worker id: the parent of the others. All characters of the ids may stand in a path as they are. */
  private readonly parent = `example-${process.pid}`;
  private readonly workers: WorkerProcess[] = [];

  constructor(private readonly queue: WordCountQueue) {}

  get ids(): string[] {
    return this.workers.map(({ id }) => id);
  }

  /** @param command the program and its arguments, for the name of the worker and that of its parent */
  start(kind: string, command: (id: string, parent: string) => readonly string[]): void {
    const id = `${this.parent}-${kind}-${this.workers.length + 1}`;
    this.workers.push(WorkerProcess.start(id, command(id, this.parent)));
  }

  /**
   * Waits until all units are finished, then stops the workers.
   *
   * @param total how many units there are to be in the end
   * @param kill whether to end one worker with SIGKILL halfway
   * @throws Error when a unit fails, a worker dies by itself, or there was none to kill
   */
  async finish(total: number, kill: boolean): Promise<Killed | undefined> {
    const bar = new ProgressBar(process.stdout, total);
    let killed: Killed | undefined;
    try {
      await this.queue.registerParent(this.parent);
      for (;;) {
        const { finished, failed, pending } = await this.queue.counts();
        bar.show(finished, `${pending} pending`);
        if (finished === total) break;
        if (failed > 0) throw new Error(`units failed: ${await this.queue.failures()}`);
        const dead = this.workers.find((worker) => worker.failed);
        if (dead !== undefined) throw new Error(`worker ${dead.id} died`);
        const awaited = kill && killed === undefined;
        if (awaited && finished >= total / 2) {
          killed = await this.killOne();
          if (killed !== undefined) bar.interrupt(`killed ${killed.id}, which had claimed ${killed.held.length} units`);
        }
        await delay(awaited ? LOOK_CLOSELY_EVERY_MS : LOOK_EVERY_MS);
      }
    } finally {
      await Promise.all(this.workers.map((worker) => worker.stop()));
      await this.queue.unregisterParent(this.parent);
    }
    if (kill && killed === undefined) throw new Error('the work was done before a worker could be killed');
    return killed;
  }

  /**
   * Ends a worker in the middle of its work. It is frozen first, to be sure that it holds units that it will never report
   * on: a worker killed between two claims would leave nothing behind that others have to take over.
   *
   * @returns undefined when none of the workers holds anything right now
   */
  private async killOne(): Promise<Killed | undefined> {
    for (const worker of this.workers) {
      worker.freeze();
      try {
        await delay(SETTLE_MS);
        const held = await this.queue.heldBy(worker.id);
        if (held.length > 0) {
          await worker.kill();
          return { id: worker.id, held };
        }
      } finally {
        worker.thaw();
      }
    }
    return undefined;
  }
}
