import { useNavigate } from '@tanstack/react-router';
import type { RawCbor, WorkUnitRecord } from 'coordinate-client';
import { useState } from 'react';
import { Button } from '../../components/Button.js';
import { confirm } from '../../components/confirm.js';
import { act } from '../../data/act.js';
import { api } from '../../data/connection.js';
import type { UnitPlace } from '../../data/unit.js';
import { shown } from '../../names.js';
import { changesOf, stopUnits } from '../units/acts.js';
import { EditUnit } from './EditUnit.js';

/** What can be done to a unit as it stands. */
export function UnitActs({ place, unit }: { readonly place: UnitPlace; readonly unit: WorkUnitRecord<RawCbor> }) {
  const [isEditing, setEditing] = useState(false);
  const navigate = useNavigate();
  const { status, notBefore } = unit;
  const name = shown(unit.name).slice(0, 80);
  const spec = api(place.namespace).spec(place.spec);
  const handle = spec.unit(unit.name);
  const changes = changesOf(place);
  const isEnded = status === 'failed' || status === 'finished';

  const retry = async (): Promise<void> => {
    const text = 'It is available again, and is done once more. What it has made stays.';
    const isSure = status === 'failed' || (await confirm({ title: 'Do it again?', text, action: 'Retry 1 unit' }));
    if (!isSure || !isEnded) return;
    await act({
      what: `Retrying ${name}`,
      run: () => spec.retry({ names: [unit.name], status }),
      said: (count) => (count === 1 ? `${name} will be tried again` : `${name} was not ${status} any more`),
      changes,
    });
  };
  const clear = async (): Promise<void> => {
    const isSure = await confirm({
      title: 'Take it from its worker?',
      text: 'It is available again at once, for any worker. What its worker says of it from now on is refused.',
      action: 'Take 1 unit away',
      danger: true,
    });
    if (isSure)
      await act({
        what: `Taking ${name} away`,
        run: () => handle.clear(),
        said: () => `${name} is available again`,
        changes,
      });
  };
  const free = (): Promise<boolean> =>
    act({
      what: `Making ${name} available`,
      run: () => handle.change({ notBefore: null }),
      said: () => `${name} may be handed out now`,
      changes,
      undo: notBefore && (() => handle.change({ notBefore })),
    });
  const remove = async (): Promise<void> => {
    const isSure = await confirm({
      title: 'Delete it for good?',
      text: `${name} and its attempts are gone then.`,
      action: 'Delete 1 unit',
      danger: true,
    });
    if (!isSure) return;
    const isDone = await act({
      what: `Deleting ${name}`,
      run: () => spec.deleteUnits({ names: [unit.name] }),
      said: () => `${name} deleted`,
      changes: changes.filter(([of]) => of !== 'unit'),
    });
    if (isDone) void navigate({ to: '/n/$namespace/units/$spec', params: place });
  };

  return (
    <>
      {isEnded && (
        <Button icon="retry" kind={status === 'failed' ? 'main' : 'plain'} onClick={() => void retry()}>
          Retry
        </Button>
      )}
      {status === 'pending' && (
        <Button
          icon="pause"
          onClick={() => void stopUnits({ place, filter: {}, units: [{ name: unit.name, status }] })}
        >
          Stop
        </Button>
      )}
      {status === 'pending' && <Button onClick={() => void clear()}>Take it away</Button>}
      {status === 'delayed' && <Button onClick={() => void free()}>Make available now</Button>}
      <Button icon="edit" onClick={() => setEditing(true)}>
        Edit
      </Button>
      <Button kind="danger" icon="trash" onClick={() => void remove()}>
        Delete
      </Button>
      {isEditing && <EditUnit place={place} unit={unit} onClose={() => setEditing(false)} />}
    </>
  );
}
