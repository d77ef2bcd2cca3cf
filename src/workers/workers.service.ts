import { Injectable } from '@nestjs/common';
import type { Awaitable } from '../domain/awaitable.js';
import type { ByteName } from '../domain/names.js';
import { checkByteName } from '../domain/names.js';
import type { Micros } from '../domain/time.js';
import { Clock } from '../domain/time.js';
import type { Worker, WorkerChange } from '../domain/worker.js';
import { WorkerRepository } from './worker.repository.js';

/** Workers, as both interfaces use them. Errors are those of the repository. */
@Injectable()
export class WorkersService {
  constructor(
    /** For what needs no rule besides the storage's own. */
    readonly stored: WorkerRepository,
    private readonly clock: Clock,
  ) {}

  /** @throws InvalidValueError when the name is too long */
  ensure(namespace: string, name: ByteName): Awaitable<Worker> {
    return this.stored.ensure(namespace, checkByteName('worker', name));
  }

  /** @throws InvalidValueError when a name is too long, or the parent is the worker or below it */
  change(namespace: string, name: ByteName, change: WorkerChange): Awaitable<void> {
    checkByteName('worker', name);
    if (change.parent) checkByteName('parent', change.parent);
    return this.stored.change(namespace, name, change);
  }

  /** A worker with how long ago it was last heard of; undefined when there is none or it is not active. */
  async activeOne(namespace: string, name: ByteName): Promise<{ worker: Worker; age: Micros } | undefined> {
    const worker = await this.stored.find(namespace, name);
    if (!worker?.active) return undefined;
    return { worker, age: Math.max(0, (await this.clock.now()) - worker.lastUpdate) };
  }
}
