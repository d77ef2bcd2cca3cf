import { Injectable } from '@nestjs/common';
import type { WorkObserver } from '../domain/work-observer.js';
import { StorageObserver } from '../storage/storage-observer.js';
import { StorageStatistics } from './metrics/storage-statistics.js';
import { WorkStatistics } from './metrics/work-statistics.js';

/** Looks on while the storage works, and counts. What it counts is read whenever metrics are asked for. */
@Injectable()
export class Telemetry extends StorageObserver {
  readonly work = new WorkStatistics();
  readonly storage = new StorageStatistics();

  override workOf(namespace: string, workSpec: string): WorkObserver {
    return this.work.of(namespace, workSpec);
  }

  override watch<T extends object>(name: string, repository: T): T {
    return this.storage.watch(name, repository);
  }
}
