import type { ReactNode } from 'react';
import { Store, useStore } from '../store.js';
import type { Count } from './counted-units.js';
import { CountedUnits, LeftUnits, useCount } from './counted-units.js';
import { count as countOf } from '../format/numbers.js';
import { Button } from './Button.js';
import { Dialog } from './Dialog.js';

interface Question {
  readonly title: string;
  /** What will be done, and what that means. */
  readonly text: ReactNode;
  /** What the button says: the deed itself. */
  readonly action: string;
  readonly danger?: boolean;
  /** How many units that is, where it must be found out first. */
  readonly count?: Count;
  /** How many of those that were meant it leaves as they are, where that is known. */
  readonly left?: number;
}

interface Asked extends Question {
  readonly answer: (yes: boolean) => void;
}

const asked = new Store<Asked | undefined>(undefined);

/** Asks before something is done that can't be undone. */
export function confirm(question: Question): Promise<boolean> {
  return new Promise((resolve) => {
    asked.get()?.answer(false);
    asked.set({
      ...question,
      answer: (yes) => {
        asked.set(undefined);
        resolve(yes);
      },
    });
  });
}

/** Shows what is asked; one of it is on the page. */
export function Confirmation() {
  const question = useStore(asked);
  return question === undefined ? null : <Ask key={question.title} {...question} />;
}

function Ask({ title, text, action, danger = false, count, left = 0, answer }: Asked) {
  const counting = useCount(count);
  const units = counting.found instanceof Error ? undefined : counting.found?.units;
  return (
    <Dialog title={title} onClose={() => answer(false)}>
      <div className="dialog-body">
        {text}
        {count && <CountedUnits {...counting} />}
        {!count && <LeftUnits left={left} />}
      </div>
      <footer className="dialog-foot">
        <Button onClick={() => answer(false)}>Cancel</Button>
        <Button
          kind={danger ? 'danger' : 'main'}
          disabled={count !== undefined && (units === undefined || units === 0)}
          onClick={() => answer(true)}
        >
          {action}
          {units !== undefined && ` ${countOf(units, 'unit')}`}
        </Button>
      </footer>
    </Dialog>
  );
}
