import type { ReactNode } from 'react';
import { useEffect, useState } from 'react';
import { Store, useStore } from '../store.js';
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
  readonly count?: () => Promise<number>;
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

function Ask({ title, text, action, danger = false, count, answer }: Asked) {
  const [found, setFound] = useState<number | Error>();
  useEffect(() => {
    let isShown = true;
    count?.().then(
      (number) => isShown && setFound(number),
      (error: Error) => isShown && setFound(error),
    );
    return () => {
      isShown = false;
    };
  }, [count]);
  const isCounting = count !== undefined && found === undefined;
  return (
    <Dialog title={title} onClose={() => answer(false)}>
      <div className="dialog-body">
        {text}
        {count && (
          <p className="confirm-count" role="status">
            {isCounting ? 'Counting …' : found instanceof Error ? found.message : countOf(found ?? 0, 'unit')}
          </p>
        )}
      </div>
      <footer className="dialog-foot">
        <Button onClick={() => answer(false)}>Cancel</Button>
        <Button kind={danger ? 'danger' : 'main'} disabled={isCounting || found === 0} onClick={() => answer(true)}>
          {action}
          {typeof found === 'number' && ` ${countOf(found, 'unit')}`}
        </Button>
      </footer>
    </Dialog>
  );
}
