import { CborReader, decodeValue, Float, Tuple } from '../../cbor/index.js';
import { readUnitItem } from '../../domain/chaining.js';
import {
  BadPriorityError,
  InvalidValueError,
  WorkUnitNotListError,
  WorkUnitTooShortError,
} from '../../domain/errors.js';
import type { ByteName } from '../../domain/names.js';
import type { NewWorkUnit, WorkUnitStatus } from '../../domain/work-unit.js';
import type { ParamReader } from '../params/index.js';
import { byteName, number, ParamError } from '../params/index.js';

/** The states of units as the wire numbers them; 2, "blocked", is one that no unit ever has. */
export const State = { Available: 1, Pending: 3, Finished: 4, Failed: 5 } as const;

const STATUSES_OF_STATE: Readonly<Record<number, readonly WorkUnitStatus[]>> = {
  [State.Available]: ['available', 'delayed'],
  [State.Pending]: ['pending'],
  [State.Finished]: ['finished'],
  [State.Failed]: ['failed'],
};

const STATE_OF_STATUS: Readonly<Record<WorkUnitStatus, number>> = {
  available: State.Available,
  delayed: State.Available,
  pending: State.Pending,
  finished: State.Finished,
  failed: State.Failed,
};

export function stateOf(status: WorkUnitStatus): number {
  return STATE_OF_STATUS[status];
}

/** A unit to add; an error names what is wrong with it. */
export const unitItem: ParamReader<NewWorkUnit> = {
  type: 'work unit',
  read(reader) {
    try {
      return readUnitItem(reader);
    } catch (error) {
      if (error instanceof InvalidValueError) throw new ParamError(error.reason, error.field);
      if (isBadItem(error)) throw new ParamError(`is no work unit: ${error.message}`);
      throw error;
    }
  },
};

function isBadItem(error: unknown): error is Error {
  return (
    error instanceof BadPriorityError || error instanceof WorkUnitNotListError || error instanceof WorkUnitTooShortError
  );
}

/** A unit's name and how its client spelt it. */
export interface SpeltName {
  name: ByteName;
  spelling: Buffer;
}

export const speltName: ParamReader<SpeltName> = {
  type: 'name',
  read(reader) {
    const spelling = reader.readRaw();
    return { name: byteName.read(new CborReader(spelling)), spelling };
  },
};

/** There are five states: nobody has use for a list of more bytes. */
const MAX_STATES_BYTES = 1_000;

/** A state or a list of them, as the statuses they select; a state that no unit has selects nothing. */
export const states: ParamReader<WorkUnitStatus[]> = {
  type: 'state or [state, …]',
  read(reader) {
    const encoded = reader.readRaw();
    if (encoded.length > MAX_STATES_BYTES) throw new ParamError('must be a number or a list of few numbers');
    const value = decodeValue(encoded);
    const items = value instanceof Tuple ? value.items : Array.isArray(value) ? value : [value];
    return items.flatMap((item) => {
      const state = item instanceof Float ? item.value : item;
      if (typeof state !== 'number' && typeof state !== 'bigint') {
        throw new ParamError('must be a number or a list of numbers');
      }
      return STATUSES_OF_STATE[Number(state)] ?? [];
    });
  },
};

/** A number that is not infinite. */
export const finite: ParamReader<number> = {
  type: 'number',
  read(reader) {
    const value = number.read(reader);
    if (!Number.isFinite(value)) throw new ParamError('must be finite');
    return value;
  },
};
