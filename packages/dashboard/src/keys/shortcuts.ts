import { useEffect, useRef } from 'react';
import { Store } from '../store.js';

/** A key, or `g` and another one after it: `g o`. */
export interface Shortcut {
  readonly keys: string;
  /** What it does, for the list of keys. */
  readonly title: string;
  readonly run: () => void;
}

/** Those that do something on what is shown now, the last ones first. */
export const shortcuts = new Store<readonly (readonly Shortcut[])[]>([]);

/** Has keys do something for as long as what uses it is shown. */
export function useShortcuts(own: readonly Shortcut[]): void {
  const latest = useRef(own);
  latest.current = own;
  const shape = own.map(({ keys, title }) => `${keys}\n${title}`).join('\n');
  useEffect(() => {
    const group = latest.current.map(({ keys, title }, at) => ({ keys, title, run: () => latest.current[at]?.run() }));
    shortcuts.update((all) => [group, ...all]);
    return () => shortcuts.update((all) => all.filter((one) => one !== group));
  }, [shape]);
}

/** How long the second key may take after the first, in milliseconds. */
const SEQUENCE_MS = 1_200;

/** Listens to keys; to be called once. */
export function listenToKeys(): () => void {
  let first: { key: string; at: number } | undefined;
  const onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
    // A dialog has keys of its own.
    if (document.querySelector('dialog[open]') !== null) return;
    const before = first !== undefined && event.timeStamp - first.at < SEQUENCE_MS ? `${first.key} ` : '';
    first = undefined;
    const all = shortcuts.get().flat();
    const found = all.find(({ keys }) => keys === before + event.key) ?? all.find(({ keys }) => keys === event.key);
    if (found !== undefined) {
      event.preventDefault();
      found.run();
    } else if (all.some(({ keys }) => keys.startsWith(`${event.key} `))) {
      first = { key: event.key, at: event.timeStamp };
    }
  };
  document.addEventListener('keydown', onKey);
  return () => document.removeEventListener('keydown', onKey);
}

function isWriting(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
