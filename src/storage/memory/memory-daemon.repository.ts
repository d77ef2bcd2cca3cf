import { DaemonRepository } from '../../daemons/daemon.repository.js';
import type { DaemonSign } from '../../domain/daemon.js';
import type { Micros } from '../../domain/time.js';
import { THIS_PROCESS } from '../this-process.js';
import type { MemoryStore } from './memory-store.js';

/** Nobody else can have the memory of this process open. */
export class MemoryDaemonRepository extends DaemonRepository {
  private readonly since: Micros;

  constructor(private readonly store: MemoryStore) {
    super();
    this.since = store.now();
  }

  override list(): DaemonSign[] {
    return [{ ...THIS_PROCESS, since: this.since, seen: this.store.now() }];
  }
}
