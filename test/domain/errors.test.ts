import { describe, expect, it } from 'vitest';
import {
  BadPriorityError,
  BadWorkSpecNameError,
  CannotBecomeContinuousError,
  ChangedNameError,
  CoordinateError,
  GoneError,
  InvalidValueError,
  LostLeaseError,
  NoSuchWorkSpecError,
  NoSuchWorkUnitError,
  NotPendingError,
  NoWorkSpecNameError,
  WorkUnitNotListError,
  WorkUnitTooShortError,
} from '../../src/domain/errors.js';

describe('errors', () => {
  const known: [CoordinateError, string, string][] = [
    [new NoWorkSpecNameError(), 'ErrNoWorkSpecName', "No 'name' key in work spec"],
    [new BadWorkSpecNameError(), 'ErrBadWorkSpecName', "Work spec 'name' must be a string"],
    [new ChangedNameError(), 'ErrChangedName', "Cannot change work spec 'name'"],
    [new LostLeaseError(), 'ErrLostLease', 'No longer the active attempt'],
    [new NotPendingError(), 'ErrNotPending', 'Attempt is not pending'],
    [new CannotBecomeContinuousError(), 'ErrCannotBecomeContinuous', 'Cannot set work spec to continuous'],
    [new WorkUnitNotListError(), 'ErrWorkUnitNotList', 'work unit not a list'],
    [new WorkUnitTooShortError(), 'ErrWorkUnitTooShort', 'too few parameters to work unit'],
    [new BadPriorityError(), 'ErrBadPriority', 'priority must be a number'],
    [new GoneError(), 'ErrGone', 'Object no longer exists'],
  ];
  it.each(known)('%s has the name and the message that clients know: %s', (error, code, message) => {
    expect(error).toBeInstanceOf(CoordinateError);
    expect(error).toMatchObject({ code, name: code, message });
  });

  it('about something that is not there say its name', () => {
    expect(new NoSuchWorkSpecError('späc')).toMatchObject({ code: 'ErrNoSuchWorkSpec', value: 'späc' });
    expect(new NoSuchWorkUnitError('\xc3\xa9')).toMatchObject({ code: 'ErrNoSuchWorkUnit', value: 'é' });
    expect(new NoSuchWorkUnitError('\xff').value).toBe('\ufffd');
  });

  it('about a value name its field', () => {
    expect(new InvalidValueError('limit', 'must be 1 or more')).toMatchObject({
      field: 'limit',
      reason: 'must be 1 or more',
      message: 'limit must be 1 or more',
    });
  });
});
