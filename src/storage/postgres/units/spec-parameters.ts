import { encodeFlow } from '../../../domain/flow/flow.js';
import type { WorkSpecDefinition } from '../../../domain/work-spec.js';
import type { Parameter } from '../wire/statement.js';
import { textParameter } from '../wire/values.js';

/** A definition as the parameters $2 to $19 of the statements that write a work spec: SET_SPEC and RESTORE_SPEC. */
export function specParameters({ name, nameIsBytes, data, meta }: WorkSpecDefinition): Parameter[] {
  return [
    textParameter(name),
    nameIsBytes,
    Buffer.from(data),
    meta.priority,
    meta.weight,
    meta.paused,
    meta.continuous,
    meta.canBeContinuous,
    meta.minMemoryGb,
    String(meta.intervalNs),
    meta.nextContinuous,
    meta.maxRunning,
    meta.maxAttemptsReturned,
    meta.maxRetries,
    textParameter(meta.nextWorkSpecName),
    textParameter(meta.runtime),
    meta.lastContinuous,
    meta.flow ? Buffer.from(encodeFlow(meta.flow)) : null,
  ];
}
