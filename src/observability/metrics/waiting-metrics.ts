import { Injectable } from '@nestjs/common';
import { Gauge, Registry } from 'prom-client';
import { WaitingClaims } from '../../attempts/waiting-claims.js';

/** Those who wait for work. */
@Injectable()
export class WaitingMetrics {
  constructor(registry: Registry, waiting: WaitingClaims) {
    new Gauge({
      name: 'coordinate_waiting_claims',
      help: 'Claims that wait for work, of both interfaces',
      registers: [registry],
      collect() {
        this.set(waiting.size);
      },
    });
  }
}
