import { Injectable } from '@nestjs/common';
import { StorageHealth } from '../storage/storage-health.js';

/** Whether the daemon is to be sent requests. */
@Injectable()
export class Readiness {
  private draining = false;

  constructor(private readonly storage: StorageHealth) {}

  /** From now on it is not: it is about to end. */
  drain(): void {
    this.draining = true;
    this.storage.drain();
  }

  /** @returns undefined when it is, else why not, in a few words */
  async trouble(): Promise<string | undefined> {
    return this.draining ? 'shutting down' : this.storage.ready();
  }
}
