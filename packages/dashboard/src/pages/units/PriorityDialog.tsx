import { useEffect, useRef, useState } from 'react';
import { Button } from '../../components/Button.js';
import { Dialog } from '../../components/Dialog.js';
import { CountedUnits, useCount } from '../../components/counted-units.js';
import { Choice } from '../../components/Fields.js';
import { count as countOf } from '../../format/numbers.js';
import { countMeant, describe, MOST_UNDONE, prioritize, type Meant } from './acts.js';

const HOW = [
  ['set', 'Set to'],
  ['add', 'Change by'],
] as const;

/** Asks for a priority, and says of how many units. */
export function PriorityDialog({
  meant,
  onClose,
  onDone,
}: {
  readonly meant: Meant;
  readonly onClose: () => void;
  readonly onDone: () => void;
}) {
  const [how, setHow] = useState<'set' | 'add'>('set');
  const [text, setText] = useState('10');
  const counting = useRef(new AbortController());
  const [count] = useState(() => meant.units === undefined && countMeant(meant, undefined, counting.current.signal));
  const counted = useCount(count || undefined);
  useEffect(() => () => counting.current.abort(), []);
  const found = meant.units?.length ?? (counted.found instanceof Error ? undefined : counted.found?.units);
  const priority = Number(text);
  const isGood = text.trim() !== '' && Number.isFinite(priority);
  const send = async (): Promise<void> => {
    if (found === undefined || !(await prioritize(meant, priority, how === 'add', found))) return;
    onClose();
    onDone();
  };
  return (
    <Dialog title="Priority" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isGood) void send();
        }}
      >
        <div className="dialog-body">
          <p>Higher runs first. Units have 0 unless somebody has said otherwise.</p>
          <div className="bar">
            <Choice label="How" options={HOW} value={how} onChange={setHow} />
            <label className="field">
              <span className="sr-only">Priority</span>
              <input autoFocus inputMode="decimal" value={text} onChange={({ target }) => setText(target.value)} />
            </label>
          </div>
          {meant.units === undefined && <p>{describe(meant.filter)}</p>}
          <CountedUnits {...counted} found={meant.units ? { units: meant.units.length, left: 0 } : counted.found} />
          {found !== undefined && found > MOST_UNDONE && (
            <p className="muted">Of more than {countOf(MOST_UNDONE, 'unit')} at once it can’t be undone.</p>
          )}
        </div>
        <footer className="dialog-foot">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="main" type="submit" disabled={!isGood || found === undefined || found === 0}>
            {how === 'set' ? 'Set' : 'Change'} {typeof found === 'number' && countOf(found, 'unit')}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
