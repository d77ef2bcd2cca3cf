export { decode, DecodeError } from './cbor/decode.js';
export { encode, EncodeError } from './cbor/encode.js';
export { plain } from './cbor/plain.js';
export { RawCbor, Tagged, Tuple, Uuid } from './cbor/values.js';
export { ConnectionError } from './connection-error.js';
export type { Data, DataForm, DataObject } from './data/forms.js';
export type { Duration } from './duration.js';
export { milliseconds } from './duration.js';
export type { components as RestComponents } from './generated/bodies.js';
export * from './generated/errors.js';
export type { Name } from './names.js';
export { nameOfLink, pathPart } from './names.js';
export type { AddOptions, AddProgress, NewWorkUnit, UnitToAdd } from './rest/adding.js';
export type { AttemptOptions, AttemptStatus, Cancellation, Outcome } from './rest/attempt.js';
export { Attempt, AttemptAddress, ClaimedAttempt, ListedAttempt } from './rest/attempt.js';
export type { AttemptRef, ListedWorker, SummaryRecord, WorkerListOptions } from './rest/coordinate.js';
export { Coordinate } from './rest/coordinate.js';
export type { ListedDaemon } from './rest/daemons.js';
export type { ErrorDetail } from './rest/coordinate-error.js';
export { CoordinateError } from './rest/coordinate-error.js';
export {
  DeniedError,
  InvalidValueError,
  NoRoomError,
  RateLimitError,
  UnavailableError,
  UnknownCallerError,
} from './rest/errors.js';
export type { ListOptions } from './rest/pages.js';
export type { Call, Reply, RestOptions, Warning } from './rest/rest-client.js';
export { RestClient } from './rest/rest-client.js';
export type { HttpAnswer, HttpRequest, HttpStream, Transport } from './rest/transport.js';
export type { CoordinateEvent, WorkerEvent } from './rest/events.js';
export type { History, HistoryQuery, HistorySpan, Times } from './rest/history.js';
export type { NamespaceOverview, Rates, WorkSpecOverview } from './rest/overview.js';
export type { SpecStanding, SpecState } from './rest/spec-state.js';
export { SPEC_STATES, standingOf } from './rest/spec-state.js';
export type { StorageAnswer, StorageCall, StorageWork } from './rest/storage.js';
export { Storage } from './rest/storage.js';
export type { UnitCounts, UnitQuery, WorkUnitStatus } from './rest/unit-query.js';
export type { ListedUnit, UnitAttempt, UnitChange, WorkUnitRecord } from './rest/work-unit.js';
export { WorkUnitHandle } from './rest/work-unit.js';
export type { FailureCause, UnitChangeOptions, UnitCountOptions, UnitListOptions } from './rest/work-spec.js';
export { WorkSpecHandle } from './rest/work-spec.js';
export type { WorkSpecControl, WorkSpecMeta } from './rest/work-spec-meta.js';
export type {
  AttemptOrUrl,
  AttemptOutcome,
  AttemptResult,
  ClaimRequest,
  WorkerRecord,
  WorkerUpdate,
} from './rest/worker.js';
export { WorkerHandle } from './rest/worker.js';
export type { CallOptions } from './waiting.js';
