import { Injectable, Logger, Optional, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { RpcStatistics } from '../../cbor-rpc/rpc-statistics.js';
import { Config } from '../../config/config.js';
import { MILLISECOND } from '../../domain/time.js';
import { noCounts, WORK_UNIT_STATUSES, type WorkUnitCounts } from '../../domain/work-unit.js';
import { Telemetry } from '../telemetry.js';
import { HttpMetrics } from './http-metrics.js';
import { StorageView } from './storage-view.js';
import type { WorkTotals } from './work-statistics.js';

/** The longest time that a timer takes, in milliseconds. */
const LONGEST_MS = 2 ** 31 - 1;

/** A line of the log that sums up what the daemon did since the last one, and how things stand. */
export interface MetricsLine {
  readonly message: 'metrics';
  /** How long it has been since the last line, or the start. */
  readonly seconds: number;
  readonly rpc: { readonly requests: number; readonly errors: number; readonly connections: number };
  readonly http: { readonly requests: number };
  /** Units that claims gave out, and attempts that ended. */
  readonly work: Readonly<WorkTotals>;
  /** All work units at this moment; absent while the storage is away. */
  readonly units?: WorkUnitCounts;
  readonly storage: string;
}

interface Totals {
  readonly at: number;
  readonly requests: number;
  readonly errors: number;
  readonly http: number;
  readonly work: Readonly<WorkTotals>;
}

/** With -log-metrics, sums up once per -metric-period. */
@Injectable()
export class MetricsLog implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger('Metrics');
  private timer: NodeJS.Timeout | undefined;
  private last: Totals;

  constructor(
    private readonly config: Config,
    private readonly view: StorageView,
    private readonly telemetry: Telemetry,
    private readonly http: HttpMetrics,
    @Optional() private readonly rpc?: RpcStatistics,
  ) {
    this.last = this.totals();
  }

  onModuleInit(): void {
    const { metrics, metricPeriod } = this.config.log;
    if (!metrics) return;
    this.timer = setInterval(() => void this.write(), Math.min(metricPeriod / MILLISECOND, LONGEST_MS));
    this.timer.unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private async write(): Promise<void> {
    this.logger.log(await this.line());
  }

  /** Sums up, and begins anew. */
  async line(): Promise<MetricsLine> {
    await this.view.refresh();
    const { trouble, specs } = this.view;
    const { last } = this;
    const now = (this.last = this.totals());
    const units = noCounts();
    for (const { counts } of specs) for (const status of WORK_UNIT_STATUSES) units[status] += counts[status];
    return {
      message: 'metrics',
      seconds: Math.round(now.at - last.at) / 1000,
      rpc: {
        requests: now.requests - last.requests,
        errors: now.errors - last.errors,
        connections: this.rpc?.openConnections ?? 0,
      },
      http: { requests: now.http - last.http },
      work: difference(now.work, last.work),
      ...(trouble === undefined && { units }),
      storage: trouble ?? 'up',
    };
  }

  private totals(): Totals {
    let requests = 0;
    let errors = 0;
    for (const method of this.rpc?.methods.values() ?? []) {
      requests += method.requests;
      errors += method.errors;
    }
    const work = this.telemetry.work.totals();
    return { at: performance.now(), requests, errors, http: this.http.requests, work };
  }
}

function difference(now: Readonly<WorkTotals>, last: Readonly<WorkTotals>): WorkTotals {
  const names = Object.keys(now) as (keyof WorkTotals)[];
  return Object.fromEntries(names.map((name) => [name, now[name] - last[name]])) as WorkTotals;
}
