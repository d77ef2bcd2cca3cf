import { Injectable } from '@nestjs/common';
import { Gauge, Histogram, Registry } from 'prom-client';
import { NamespacesService } from '../../namespaces/namespaces.service.js';

/** From 2^-14 s (60 µs) on, doubling: counting is a matter of microseconds in memory and of milliseconds in a database. */
const SUMMARY_BUCKETS = Array.from({ length: 18 }, (_, index) => 2 ** (index - 14));

/** How many work units there are, read from the storage at each scrape; a spec that went away leaves no trace. */
@Injectable()
export class WorkUnitMetrics {
  constructor(registry: Registry, namespaces: NamespacesService) {
    const seconds = new Histogram({
      name: 'coordinate_summary_seconds',
      help: 'Seconds taken to count the work units by status',
      buckets: SUMMARY_BUCKETS,
      registers: [registry],
    });
    new Gauge({
      name: 'coordinate_work_units',
      help: 'Work units by namespace, work spec and status',
      labelNames: ['namespace', 'work_spec', 'status'],
      registers: [registry],
      async collect() {
        const stop = seconds.startTimer();
        const summary = await namespaces.summarize();
        stop();
        this.reset();
        for (const { namespace, workSpec, status, count } of summary) {
          this.set({ namespace, work_spec: workSpec, status }, count);
        }
      },
    });
  }
}
