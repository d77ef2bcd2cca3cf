import { Injectable } from '@nestjs/common';
import { AttemptsService } from '../attempts/attempts.service.js';
import { CborRpcServer, type IdleWatch } from './cbor-rpc.server.js';
import type { RpcConnection } from './connection.js';

/** How many idle connections are looked at before others have their turn. */
const AT_ONCE = 100;

/**
 * Resets connections that have been idle for too long: only while none of the workers that spoke on them holds a lease,
 * for such a worker is busy, and silent for as long as its unit takes.
 */
@Injectable()
export class LeaseWatch implements IdleWatch {
  private busy = false;

  constructor(
    server: CborRpcServer,
    private readonly attempts: AttemptsService,
  ) {
    server.watchLeases(this);
  }

  async resetUnlessLeased(idle: readonly RpcConnection[], timeoutMs: number): Promise<void> {
    // The next round sees those again that a slow storage leaves over.
    if (this.busy) return;
    this.busy = true;
    try {
      for (const connection of idle.slice(0, AT_ONCE)) {
        if (connection.speaksForMany || (await this.anyLease(connection))) connection.spare(Date.now());
        // Something may have been said meanwhile.
        else if (connection.idleFor(Date.now()) >= timeoutMs) connection.cut('idle');
      }
    } finally {
      this.busy = false;
    }
  }

  private async anyLease({ caller, workers }: RpcConnection): Promise<boolean> {
    for (const worker of workers) {
      const active = await this.attempts.stored.listOf(caller.namespace, worker, 'active').next(1);
      if (active.length > 0) return true;
    }
    return false;
  }
}
