import { Injectable } from '@nestjs/common';
import type { Awaitable } from '../domain/awaitable.js';
import type { ByteName } from '../domain/names.js';
import { checkByteName } from '../domain/names.js';
import type { ClaimedUnit, Worker, WorkerChange, WorkerQuery, WorkerStats, WorkerSummary } from '../domain/worker.js';
import { WorkerRepository } from './worker.repository.js';

/** Workers, as both interfaces use them. Errors are those of the repository. */
@Injectable()
export class WorkersService {
  constructor(private readonly workers: WorkerRepository) {}

  find(namespace: string, name: ByteName): Awaitable<Worker | undefined> {
    return this.workers.find(namespace, name);
  }

  /** @throws InvalidValueError when the name is too long */
  ensure(namespace: string, name: ByteName): Awaitable<Worker> {
    return this.workers.ensure(namespace, checkByteName('worker', name));
  }

  /** @throws InvalidValueError when a name is too long, or the parent is the worker or below it */
  change(namespace: string, name: ByteName, change: WorkerChange): Awaitable<void> {
    checkByteName('worker', name);
    if (change.parent) checkByteName('parent', change.parent);
    return this.workers.change(namespace, name, change);
  }

  deactivate(namespace: string, name: ByteName): Awaitable<boolean> {
    return this.workers.deactivate(namespace, name);
  }

  list(namespace: string, query: WorkerQuery): Awaitable<WorkerSummary[]> {
    return this.workers.list(namespace, query);
  }

  stats(namespace: string): Awaitable<WorkerStats> {
    return this.workers.stats(namespace);
  }

  claimedByChildren(namespace: string, parent: ByteName): Awaitable<Map<ByteName, ClaimedUnit[]>> {
    return this.workers.claimedByChildren(namespace, parent);
  }
}
