/**
 * `coordinate-daemon/backend`: what a storage backend outside this tree is written with. The repository classes and ports
 * that it implements, the model that they speak of, and the rules that it need not repeat.
 */
export * from '../attempts/attempt.repository.js';
export * from '../daemons/daemon.repository.js';
export * from '../live/history/history.repository.js';
export * from '../live/overview/overview.repository.js';
export * from '../locks/lock.repository.js';
export * from '../maintenance/maintenance.repository.js';
export * from '../namespaces/namespace.repository.js';
export * from '../sessions/session.repository.js';
export * from '../schedules/schedule.repository.js';
export * from '../snapshots/snapshot.repository.js';
export * from '../work-specs/work-spec.repository.js';
export * from '../work-units/work-unit.repository.js';
export * from '../workers/worker.repository.js';
export { HistoryRoom } from '../live/history/recorder/history-room.js';
export { SpanSums } from '../live/history/recorder/span-sums.js';
export { SpecHistory } from '../live/history/recorder/spec-history.js';
export type { OpenedRepositories, OpenOptions, OpenRepositories, Repositories } from '../storage/repositories.js';
export { PollingFeed } from '../storage/polling-feed.js';
export { AlwaysReady, StorageHealth } from '../storage/storage-health.js';

// The model.
export * from '../domain/attempt.js';
export * from '../domain/attempt-outcome.js';
export * from '../domain/awaitable.js';
export * from '../domain/cause.js';
export * from '../domain/daemon.js';
export * from '../domain/data.js';
export * from '../domain/errors.js';
export * from '../domain/held-attempts.js';
export * from '../domain/flow/flow.js';
export * from '../domain/flow/retry.js';
export * from '../domain/history.js';
export * from '../domain/hold.js';
export * from '../domain/lock.js';
export * from '../domain/names.js';
export * from '../domain/overview.js';
export * from '../domain/report.js';
export * from '../domain/retention.js';
export * from '../domain/session.js';
export * from '../domain/snapshot.js';
export * from '../domain/time.js';
export * from '../domain/work-observer.js';
export * from '../domain/work-spec.js';
export * from '../domain/work-feed.js';
export * from '../domain/work-unit.js';
export * from '../domain/worker.js';

// The rules, and the ports that a backend gives them.
export * from '../domain/attempt-rules.js';
export * from '../domain/chaining.js';
export * from '../domain/claim-rules.js';
export * from '../domain/report-rules.js';
export * from '../domain/retry-rules.js';
export * from '../domain/flow/slot-rules.js';
export * from '../domain/flow/slots.js';
export * from '../domain/scheduler/draw.js';
export * from '../domain/scheduler/eligibility.js';
export * from '../domain/scheduler/scheduler.js';
export * from '../domain/transitions.js';
export * from '../domain/unit-port.js';
export * from '../domain/unit-rules.js';
export * from '../domain/worker-rules.js';

// Data are encoded CBOR.
export * from '../cbor/index.js';
