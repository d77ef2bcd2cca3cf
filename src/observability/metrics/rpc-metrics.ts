import { Injectable, Optional } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import { type MethodStatistics, RpcStatistics } from '../../cbor-rpc/rpc-statistics.js';
import { OPERATION_BOUNDS } from '../../timing/tally.js';
import { ReadHistogram } from './read-histogram.js';

/** What the CBOR-RPC interface has done. It counts in plain numbers, which are read here at each scrape. */
@Injectable()
export class RpcMetrics {
  constructor(registry: Registry, @Optional() statistics?: RpcStatistics) {
    // There is nothing to show of an interface that is off.
    if (!statistics) return;
    const registers = [registry];
    new Gauge({
      name: 'coordinate_rpc_open_connections',
      help: 'Open CBOR-RPC connections',
      registers,
      collect() {
        this.set(statistics.openConnections);
      },
    });
    this.count(registry, 'connections_total', 'CBOR-RPC connections accepted', () => statistics.connections);
    this.count(registry, 'refused_connections_total', 'CBOR-RPC connections reset because too many were open', () => {
      return statistics.refusedConnections;
    });
    this.count(registry, 'unwelcome_connections_total', 'CBOR-RPC connections reset because of -rpc-allow', () => {
      return statistics.unwelcomeConnections;
    });
    this.count(registry, 'protocol_errors_total', 'CBOR-RPC connections closed for what they sent', () => {
      return statistics.protocolErrors;
    });
    this.count(registry, 'unknown_methods_total', 'CBOR-RPC requests for a method there is not', () => {
      return statistics.unknownMethods;
    });
    this.count(registry, 'received_bytes_total', 'Bytes read from CBOR-RPC clients', () => statistics.bytesRead);
    this.count(registry, 'sent_bytes_total', 'Bytes written to CBOR-RPC clients', () => statistics.bytesWritten);
    new Counter({
      name: 'coordinate_rpc_errors_total',
      help: 'CBOR-RPC requests answered with an error',
      labelNames: ['method'],
      registers,
      collect() {
        this.reset();
        for (const [method, { errors }] of statistics.methods) this.inc({ method }, errors);
      },
    });
    registry.registerMetric(
      new ReadHistogram('coordinate_rpc_seconds', 'Seconds that CBOR-RPC requests took', OPERATION_BOUNDS, () =>
        [...statistics.methods].filter(used).map(([method, { seconds }]) => {
          return { labels: { method }, counts: seconds.counts, sum: seconds.sum };
        }),
      ),
    );
  }

  private count(registry: Registry, name: string, help: string, read: () => number): void {
    new Counter({
      name: `coordinate_rpc_${name}`,
      help,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }
}

function used([, { requests }]: [string, MethodStatistics]): boolean {
  return requests > 0;
}
