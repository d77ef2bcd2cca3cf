import { Injectable, Optional } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Gauge, Registry } from 'prom-client';
import { RpcStatistics } from '../../cbor-rpc/rpc-statistics.js';
import type { HttpLoad } from '../../rest/http/load.js';
import { RestAdapter } from '../../rest/http/rest-adapter.js';
import { LogOutput } from '../log-output.js';
import { readCounter, readCounters } from './read-counter.js';

/** What the daemon's limits have kept out, cut off or dropped. */
@Injectable()
export class LimitMetrics {
  constructor(
    registry: Registry,
    @Optional() log?: LogOutput,
    @Optional() rpc?: RpcStatistics,
    @Optional() host?: HttpAdapterHost,
  ) {
    if (rpc) countRpc(registry, rpc);
    if (host?.httpAdapter instanceof RestAdapter) countHttp(registry, host.httpAdapter.load);
    readCounter(
      registry,
      'coordinate_log_lines_dropped_total',
      'Lines of the log dropped because what reads it is too slow',
      () => log?.dropped ?? 0,
    );
  }
}

function countHttp(registry: Registry, load: HttpLoad): void {
  readGauge(registry, 'coordinate_http_open_connections', 'Open HTTP connections', () => load.openConnections);
  readGauge(
    registry,
    'coordinate_http_requests_at_work',
    'HTTP requests that are there in full and not answered yet',
    () => load.atWork,
  );
  readGauge(
    registry,
    'coordinate_http_body_bytes',
    'Bytes of HTTP bodies kept, and of requests that wait for the one before on their connection',
    () => load.bodyBytes,
  );
  readCounter(
    registry,
    'coordinate_http_refused_connections_total',
    'HTTP connections closed because too many were open',
    () => load.refusedConnections,
  );
  readCounters(
    registry,
    {
      name: 'coordinate_http_cut_connections_total',
      help: 'HTTP connections cut off: stalled (a request did not arrive in time), slow_reader (answers not read), no_room (unfinished heads)',
      label: 'reason',
    },
    {
      stalled: () => load.cut.stalled,
      slow_reader: () => load.cut.slow_reader + load.unread.cut,
      no_room: () => load.heads.cut,
    },
  );
  readCounters(
    registry,
    {
      name: 'coordinate_http_shed_requests_total',
      help: 'HTTP requests answered 503 or 429 because there was too much of: requests, connections, pipelined, no_room, unread',
      label: 'reason',
    },
    {
      requests: () => load.shed.requests,
      connections: () => load.shed.connections,
      pipelined: () => load.shed.pipelined,
      no_room: () => load.shed.no_room,
      unread: () => load.shed.unread,
    },
  );
  readGauge(
    registry,
    'coordinate_http_live_answers',
    'HTTP answers that go on for as long as their clients listen, such as events',
    () => load.liveAnswers,
  );
  readGauge(
    registry,
    'coordinate_http_unread_bytes',
    'Bytes held for large HTTP answers that clients have not read',
    () => load.unread.bytes,
  );
}

function countRpc(registry: Registry, statistics: RpcStatistics): void {
  readCounters(
    registry,
    {
      name: 'coordinate_rpc_cut_connections_total',
      help: 'CBOR-RPC connections cut off: idle, slow_reader (answers not read), no_room (too much held by all together)',
      label: 'reason',
    },
    {
      idle: () => statistics.cut.idle,
      slow_reader: () => statistics.cut.slow_reader,
      no_room: () => statistics.cut.no_room,
    },
  );
  readCounter(
    registry,
    'coordinate_rpc_held_back_total',
    'Times that a CBOR-RPC connection was not read from because unfinished messages took too much memory',
    () => statistics.heldBack,
  );
  readGauge(
    registry,
    'coordinate_rpc_buffered_bytes',
    'Bytes of unfinished CBOR-RPC messages',
    () => statistics.bufferedBytes,
  );
  readGauge(
    registry,
    'coordinate_rpc_unread_bytes',
    'Bytes of CBOR-RPC answers that clients have not read',
    () => statistics.unreadBytes,
  );
}

function readGauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}
