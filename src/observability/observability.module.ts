import { Module } from '@nestjs/common';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { AttemptsModule } from '../attempts/attempts.module.js';
import { NamespacesModule } from '../namespaces/namespaces.module.js';
import { HealthController } from './health.controller.js';
import { AccessMetrics } from './metrics/access-metrics.js';
import { HttpMetrics } from './metrics/http-metrics.js';
import { LimitMetrics } from './metrics/limit-metrics.js';
import { MemoryMetrics } from './metrics/memory-metrics.js';
import { MetricsLog } from './metrics/metrics-log.js';
import { MetricsController } from './metrics/metrics.controller.js';
import { RpcMetrics } from './metrics/rpc-metrics.js';
import { ScheduleMetrics } from './metrics/schedule-metrics.js';
import { StorageView } from './metrics/storage-view.js';
import { StorageMetrics } from './metrics/storage-metrics.js';
import { WaitingMetrics } from './metrics/waiting-metrics.js';
import { WorkUnitMetrics } from './metrics/work-unit-metrics.js';
import { SchedulesModule } from '../schedules/schedules.module.js';
import { ReadinessController } from './readiness.controller.js';
import { Readiness } from './readiness.js';
import { TelemetryModule } from './telemetry.module.js';

/** What an operator sees of the daemon: health, readiness and metrics. */
@Module({
  imports: [TelemetryModule, AttemptsModule, NamespacesModule, SchedulesModule],
  controllers: [HealthController, ReadinessController, MetricsController],
  providers: [
    { provide: Registry, useFactory: newRegistry },
    AccessMetrics,
    HttpMetrics,
    LimitMetrics,
    MemoryMetrics,
    MetricsLog,
    RpcMetrics,
    Readiness,
    ScheduleMetrics,
    StorageView,
    StorageMetrics,
    WaitingMetrics,
    WorkUnitMetrics,
  ],
})
export class ObservabilityModule {}

/** A registry of this app's own, with the metrics of the process: CPU, memory, event loop, garbage collection. */
function newRegistry(): Registry {
  const registry = new Registry();
  // A timer of 10 ms, which is the default, takes most of what a daemon does that has nothing to do.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 20 });
  return registry;
}
