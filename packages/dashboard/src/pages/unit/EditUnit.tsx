import type { RawCbor, WorkUnitRecord } from 'coordinate-client';
import { useState } from 'react';
import { Button } from '../../components/Button.js';
import { Dialog } from '../../components/Dialog.js';
import { act } from '../../data/act.js';
import { api } from '../../data/connection.js';
import type { UnitPlace } from '../../data/unit.js';
import { textOfData } from '../../data/cbor-text.js';
import { pathPart, shown } from '../../names.js';
import { changesOf } from '../units/acts.js';

/** A moment as a field of the browser has it, in the zone of whoever types, to the second. */
function localText(moment: Date | undefined): string {
  if (moment === undefined) return '';
  const local = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}

/** So many bytes of data are edited. */
const EDITABLE = 200_000;

/** What is wrong with data that somebody types. */
function faultIn(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? undefined : 'Data are a map.';
  } catch (error) {
    return (error as Error).message;
  }
}

/** Changes when a unit runs, and its data while nobody is at it. */
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
  // Of large data there is no field to type in.
  const old = unit.data.bytes.length > EDITABLE ? undefined : textOfData(unit.data.bytes);
  const [data, setData] = useState(old);
  const wrong = data === undefined || data === old ? undefined : faultIn(data);
  const isNumber = priority.trim() !== '' && Number.isFinite(Number(priority));
  const handle = api(place.namespace).spec(place.spec).unit(unit.name);
  const name = shown(unit.name).slice(0, 80);
  // What was typed stays until it is done: it may be refused, or the session be over.
  const save = async (): Promise<void> => {
    // What was not touched stays as it is, to the microsecond.
    const change = {
      ...(Number(priority) !== before.priority && { priority: Number(priority) }),
      ...(notBefore !== localText(before.notBefore) && { notBefore: notBefore === '' ? null : new Date(notBefore) }),
    };
    if (data !== undefined && data !== old) {
      const path = [place.namespace, 'work_spec', place.spec, 'work_unit', unit.name].map((part, at) =>
        at % 2 === 1 ? part : pathPart(part),
      );
      // As it was typed: numbers are read to their last digit.
      const call = { method: 'PUT', path: `/namespace/${path.join('/')}`, json: `{"data":${data}}` } as const;
      const run = (): Promise<unknown> => api().request(call);
      const isDone = await act({
        what: `Changing the data of ${name}`,
        run,
        said: () => `${name} has new data`,
        changes: changesOf(place),
      });
      if (!isDone) return;
    }
    const isDone =
      Object.keys(change).length === 0 ||
      (await act({
        what: `Changing ${name}`,
        run: () => handle.change(change),
        said: () => `${name} changed`,
        changes: changesOf(place),
        undo: () => handle.change({ priority: before.priority, notBefore: before.notBefore ?? null }),
      }));
    if (isDone) onClose();
  };
  return (
    <Dialog title={`Edit ${name}`} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isNumber && wrong === undefined) void save();
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
          {data === undefined ? (
            <p className="muted">The data are too large to be edited here.</p>
          ) : (
            <label className="field">
              <span>
                Data, as JSON; what JSON has nothing for is spelt out.
                {unit.activeAttempt !== undefined &&
                  ' These are as its last attempt left them; what you save becomes the unit’s own.'}
              </span>
              <textarea
                rows={12}
                className="mono"
                spellCheck={false}
                disabled={unit.status === 'pending'}
                value={data}
                aria-invalid={wrong !== undefined}
                onChange={({ target }) => setData(target.value)}
              />
            </label>
          )}
          {wrong !== undefined && <p role="alert">{wrong}</p>}
        </div>
        <footer className="dialog-foot">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="main" type="submit" disabled={!isNumber || wrong !== undefined}>
            Save
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
