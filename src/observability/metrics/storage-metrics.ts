import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import { Clock, MILLISECOND, SECOND } from '../../domain/time.js';
import { OPERATION_BOUNDS } from '../../timing/tally.js';
import { Telemetry } from '../telemetry.js';
import { ReadHistogram } from './read-histogram.js';
import { StorageView } from './storage-view.js';

/** Whether the storage is there, and how long it takes this daemon's requests to it. */
@Injectable()
export class StorageMetrics {
  constructor(registry: Registry, view: StorageView, { storage }: Telemetry, clock: Clock) {
    new Gauge({
      name: 'coordinate_storage_up',
      help: 'Whether the storage can serve: 1, or 0',
      registers: [registry],
      collect() {
        this.set(view.trouble === undefined ? 1 : 0);
      },
    });
    new Gauge({
      name: 'coordinate_storage_clock_offset_seconds',
      help: 'By how much the clock of the storage is ahead of the one of this machine',
      registers: [registry],
      async collect() {
        const now = await Promise.resolve(view.trouble === undefined ? clock.now() : undefined).catch(() => undefined);
        // While the storage is away nobody knows.
        if (now === undefined) this.remove();
        else this.set((now - Date.now() * MILLISECOND) / SECOND);
      },
    });
    new Counter({
      name: 'coordinate_storage_failures_total',
      help: 'Storage operations that failed, other than by a rule of the model',
      labelNames: ['operation'],
      registers: [registry],
      collect() {
        this.reset();
        for (const [operation, { seconds, failures }] of storage.operations) {
          if (seconds.count > 0) this.inc({ operation }, failures);
        }
      },
    });
    registry.registerMetric(
      new ReadHistogram('coordinate_storage_seconds', 'Seconds that storage operations took', OPERATION_BOUNDS, () =>
        [...storage.operations]
          .filter(([, { seconds }]) => seconds.count > 0)
          .map(([operation, { seconds }]) => ({ labels: { operation }, counts: seconds.counts, sum: seconds.sum })),
      ),
    );
  }
}
