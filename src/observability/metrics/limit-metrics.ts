import { Injectable, Optional } from '@nestjs/common';
import { Registry } from 'prom-client';
import { LogOutput } from '../log-output.js';
import { readCounter } from './read-counter.js';

/** What the daemon's limits have kept out, cut off or dropped. */
@Injectable()
export class LimitMetrics {
  constructor(registry: Registry, @Optional() log?: LogOutput) {
    readCounter(
      registry,
      'coordinate_log_lines_dropped_total',
      'Lines of the log dropped because what reads it is too slow',
      () => log?.dropped ?? 0,
    );
  }
}
