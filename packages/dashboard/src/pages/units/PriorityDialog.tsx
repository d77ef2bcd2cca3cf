import { useEffect, useState } from 'react';
import { Button } from '../../components/Button.js';
import { Dialog } from '../../components/Dialog.js';
import { Choice } from '../../components/Fields.js';
import { countUnits } from '../../data/units.js';
import { count as countOf } from '../../format/numbers.js';
import { describe, prioritize, type Meant } from './acts.js';

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
  const [found, setFound] = useState<number | Error | undefined>(meant.units?.length);
  useEffect(() => {
    if (meant.units !== undefined) return;
    const counting = new AbortController();
    countUnits(meant.place, meant.filter, counting.signal).then(setFound, (error: Error) => {
      if (!counting.signal.aborted) setFound(error);
    });
    return () => counting.abort();
  }, []);
  const priority = Number(text);
  const isGood = text.trim() !== '' && Number.isFinite(priority);
  const send = async (): Promise<void> => {
    onClose();
    if (await prioritize(meant, priority, how === 'add')) onDone();
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
          <p>{meant.units === undefined ? describe(meant.filter) : null}</p>
          <p className="confirm-count" role="status">
            {found === undefined ? 'Counting …' : found instanceof Error ? found.message : countOf(found, 'unit')}
          </p>
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
