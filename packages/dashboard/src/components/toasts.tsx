import { Store, useStore } from '../store.js';
import { Button } from './Button.js';
import { Icon } from './Icon.js';

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly kind: 'done' | 'error';
  readonly undo?: () => void;
}

const toasts = new Store<readonly Toast[]>([]);
/** How long one stays that says what was done, in milliseconds; long enough to undo it. */
const STAYS_MS = 8_000;
let last = 0;

function add(toast: Omit<Toast, 'id'>, ms: number | undefined): void {
  const id = ++last;
  toasts.update((all) => [...all.slice(-3), { ...toast, id }]);
  if (ms !== undefined) setTimeout(() => dismiss(id), ms);
}

function dismiss(id: number): void {
  toasts.update((all) => all.filter((one) => one.id !== id));
}

/** Says what has become of something that was done, with the way back where there is one. */
export function done(text: string, undo?: () => void): void {
  add({ text, kind: 'done', undo }, STAYS_MS);
}

/** Says what went wrong; it stays until it is put away. */
export function wentWrong(what: string, error: unknown): void {
  add({ text: `${what}: ${error instanceof Error ? error.message : String(error)}`, kind: 'error' }, undefined);
}

export function Toasts() {
  const all = useStore(toasts);
  return (
    <div className="toasts" role="region" aria-label="Notices" aria-live="polite">
      {all.map(({ id, text, kind, undo }) => (
        <div key={id} className={`toast ${kind}`} role={kind === 'error' ? 'alert' : undefined}>
          <Icon name={kind === 'error' ? 'alert' : 'check'} />
          <span className="toast-text">{text}</span>
          {undo && (
            <Button
              kind="quiet"
              onClick={() => {
                dismiss(id);
                undo();
              }}
            >
              Undo
            </Button>
          )}
          <Button kind="quiet" icon="cross" label="Dismiss" onClick={() => dismiss(id)} />
        </div>
      ))}
    </div>
  );
}
