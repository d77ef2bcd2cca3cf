import { Injectable, Optional } from '@nestjs/common';
import { Gauge, Registry } from 'prom-client';
import { ProcessMemory } from '../../storage/process-memory.js';
import { readCounter } from './read-counter.js';

/** How much memory is held, and how much may be. */
@Injectable()
export class MemoryMetrics {
  constructor(registry: Registry, @Optional() memory?: ProcessMemory) {
    if (!memory) return;
    const registers = [registry];
    new Gauge({
      name: 'coordinate_memory_bytes',
      help: 'Bytes of memory that the daemon holds, as -max-memory counts them',
      registers,
      collect() {
        this.set(memory.bytes);
      },
    });
    new Gauge({
      name: 'coordinate_memory_limit_bytes',
      help: 'Bytes of memory beyond which nothing is added (-max-memory)',
      registers,
      collect() {
        this.set(memory.limit);
      },
    });
    readCounter(
      registry,
      'coordinate_memory_refused_total',
      'Times that something was not added because memory is full',
      () => memory.refused,
    );
  }
}
