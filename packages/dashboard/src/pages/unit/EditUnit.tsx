import type { RawCbor, WorkUnitRecord } from 'coordinate-client';
import { useState } from 'react';
import { Button } from '../../components/Button.js';
import { Dialog } from '../../components/Dialog.js';
import { act } from '../../data/act.js';
import { api } from '../../data/connection.js';
import type { UnitPlace } from '../../data/unit.js';
import { shown } from '../../names.js';
import { changesOf } from '../units/acts.js';

/** A moment as a field of the browser has it, in the zone of whoever types, to the second. */
function localText(moment: Date | undefined): string {
  if (moment === undefined) return '';
  const local = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}

/** Changes when a unit runs. */
export function EditUnit({
  place,
  unit,
  onClose,
}: {
  readonly place: UnitPlace;
  readonly unit: WorkUnitRecord<RawCbor>;
  readonly onClose: () => void;
}) {
  const before = { priority: unit.priority, notBefore: unit.notBefore };
  const [priority, setPriority] = useState(String(unit.priority));
  const [notBefore, setNotBefore] = useState(localText(unit.notBefore));
  const isNumber = priority.trim() !== '' && Number.isFinite(Number(priority));
  const handle = api(place.namespace).spec(place.spec).unit(unit.name);
  const name = shown(unit.name).slice(0, 80);
  const save = async (): Promise<void> => {
    onClose();
    // What was not touched stays as it is, to the microsecond.
    const change = {
      ...(Number(priority) !== before.priority && { priority: Number(priority) }),
      ...(notBefore !== localText(before.notBefore) && { notBefore: notBefore === '' ? null : new Date(notBefore) }),
    };
    if (Object.keys(change).length === 0) return;
    await act({
      what: `Changing ${name}`,
      run: () => handle.change(change),
      said: () => `${name} changed`,
      changes: changesOf(place),
      undo: () => handle.change({ priority: before.priority, notBefore: before.notBefore ?? null }),
    });
  };
  return (
    <Dialog title={`Edit ${name}`} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isNumber) void save();
        }}
      >
        <div className="dialog-body">
          <label className="field">
            <span>Priority: higher runs first</span>
            <input
              autoFocus
              inputMode="decimal"
              value={priority}
              onChange={({ target }) => setPriority(target.value)}
            />
          </label>
          <label className="field">
            <span>Not before, in your zone; empty for at any time</span>
            <input
              type="datetime-local"
              step={1}
              value={notBefore}
              onChange={({ target }) => setNotBefore(target.value)}
            />
          </label>
        </div>
        <footer className="dialog-foot">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="main" type="submit" disabled={!isNumber}>
            Save
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
