import { WORK_UNIT_STATUSES } from '../../domain/work-unit.js';
import {
  amount,
  byteName,
  byteText,
  choice,
  data,
  either,
  finite,
  flag,
  integer,
  list,
  micros,
  object,
  optional,
  orNull,
  text,
  textName,
  whole,
} from './shape.js';

// What calls say, as the model has it.

export const LOCK_PATH = list(byteText);

export const NEW_UNIT = object({
  name: byteName,
  data,
  priority: finite,
  delay: optional(micros),
  notBefore: optional(micros),
});

export const UNIT_QUERY = object({
  names: optional(list(byteText)),
  statuses: optional(list(choice(WORK_UNIT_STATUSES))),
  previous: optional(byteText),
  limit: optional(amount),
  failure: optional(whole),
  prefix: optional(byteText),
  contains: optional(byteText),
  worker: optional(byteText),
});

export const UNIT_CHANGE = object({
  data: optional(data),
  clear: optional(flag),
  priority: optional(finite),
  notBefore: optional(micros),
});

export const PRIORITY_CHANGE = either('to', object({ to: finite }), object({ by: finite }));

export const CANCELLATION = object({
  reason: optional(text),
  release: optional(flag),
  workers: optional(byteText),
});

export const SPEC_WINDOW = object({ start: optional(text), limit: optional(amount) });

export const META_CHANGE = object({
  priority: optional(finite),
  weight: optional(finite),
  paused: optional(flag),
  continuous: optional(flag),
  minMemoryGb: optional(finite),
  intervalNs: optional(integer),
  nextContinuous: optional(micros),
  maxRunning: optional(finite),
  maxAttemptsReturned: optional(finite),
  maxRetries: optional(finite),
});

export const ATTEMPT_REF = object({
  workSpec: text,
  workUnit: byteText,
  worker: byteText,
  start: micros,
  number: whole,
});

export const CLAIM_REQUEST = object({
  worker: byteName,
  units: amount,
  maxBytes: optional(amount),
  lifetime: micros,
  workSpecs: optional(list(text)),
  runtimes: optional(list(text)),
  availableGb: optional(finite),
  onlyInExisting: optional(flag),
});

export const MAKE_REQUEST = object({
  worker: byteName,
  workSpec: text,
  workUnit: byteText,
  lifetime: micros,
  workers: optional(byteText),
});

export const ATTEMPT_CHANGE = object({
  ref: ATTEMPT_REF,
  action: choice(['renew', 'expire', 'finish', 'fail', 'retry', 'cancel', 'recall']),
  data: optional(data),
  duration: optional(micros),
  delay: optional(micros),
  cause: optional(text),
  final: optional(flag),
});

export const REPORT = object({
  workSpec: text,
  workUnit: byteText,
  status: optional(choice(['available', 'pending', 'finished', 'failed'])),
  data: optional(data),
  lifetime: micros,
  delay: optional(micros),
  worker: optional(byteName),
  workers: optional(byteText),
});

export const WORKER_CHANGE = object({
  parent: optional(orNull(byteName)),
  update: optional(
    object({
      data: optional(data),
      mode: optional(text),
      lastUpdate: optional(micros),
      expiration: optional(micros),
      lifetime: optional(micros),
      keepTimes: optional(flag),
    }),
  ),
  deactivate: optional(flag),
});

export const WORKER_QUERY = object({
  active: optional(flag),
  reported: optional(flag),
  previous: optional(byteText),
  limit: optional(amount),
  held: optional(flag),
  byClaim: optional(flag),
  after: optional(object({ name: byteText, lastClaim: optional(micros) })),
});

const LIMIT = object({ age: optional(amount), count: optional(amount) });
export const RETENTION = object({ finished: LIMIT, failed: LIMIT, workers: LIMIT });
export const RETENTION_SCOPE = object({ namespace: textName, workSpecs: optional(list(text)) });

export const NEW_SESSION = object({ hash: text, holder: text, basis: text, lifetime: micros });

export const HISTORY_WINDOW = object({ from: micros, to: micros, step: micros });
