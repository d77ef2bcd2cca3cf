import type { ReactNode } from 'react';
import { useState } from 'react';
import { Button } from '../../components/Button.js';
import { count as countOf } from '../../format/numbers.js';
import type { SpecPlace, UnitFilter } from '../../data/units.js';
import { describe, removeUnits, retryUnits, stopUnits, type Meant } from './acts.js';
import { PriorityDialog } from './PriorityDialog.js';
import type { Selected } from './UnitList.js';

interface Props {
  readonly place: SpecPlace;
  readonly filter: UnitFilter;
  readonly selected: Selected;
  readonly isAll: boolean;
  readonly mayChange: boolean;
  readonly onClear: () => void;
  /** Something was done to units. */
  readonly onDone: () => void;
  readonly children: ReactNode;
}

/** How many units there are, what is selected of them, and what can be done to those. */
export function SelectionBar({ place, filter, selected, isAll, mayChange, onClear, onDone, children }: Props) {
  const [isPrioritizing, setPrioritizing] = useState(false);
  const isSome = isAll || selected.size > 0;
  const meant: Meant = { place, filter, ...(isAll ? {} : { units: [...selected.values()] }) };
  const does = async (act: (meant: Meant) => Promise<boolean>): Promise<void> => {
    if (!(await act(meant))) return;
    onClear();
    onDone();
  };
  const canRetry = isAll
    ? filter.status === undefined || filter.status === 'failed' || filter.status === 'finished'
    : [...selected.values()].some(({ status }) => status === 'failed' || status === 'finished');
  const canStop = isAll
    ? filter.status === undefined || filter.status === 'pending'
    : [...selected.values()].some(({ status }) => status === 'pending');
  return (
    <div className={isSome ? 'bar selection is-some' : 'bar selection'}>
      {mayChange && isSome ? (
        <>
          <strong role="status">
            {isAll ? `All: ${describe(filter)}` : `${countOf(selected.size, 'unit')} selected`}
          </strong>
          {canRetry && (
            <Button icon="retry" onClick={() => void does(retryUnits)}>
              Retry
            </Button>
          )}
          {canStop && (
            <Button icon="pause" onClick={() => void does(stopUnits)}>
              Stop
            </Button>
          )}
          <Button icon="up" onClick={() => setPrioritizing(true)}>
            Priority
          </Button>
          <Button kind="danger" icon="trash" onClick={() => void does(removeUnits)}>
            Delete
          </Button>
          <Button kind="quiet" onClick={onClear}>
            Select none
          </Button>
          <span className="spacer" />
        </>
      ) : null}
      {children}
      {isPrioritizing && (
        <PriorityDialog
          meant={meant}
          onClose={() => setPrioritizing(false)}
          onDone={() => {
            onClear();
            onDone();
          }}
        />
      )}
    </div>
  );
}
