import type { ListedUnit, Name } from 'coordinate-client';
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { nameOf, pathPart } from '../names.js';
import { api } from './connection.js';
import { noteError } from './query-client.js';
import type { SpecPlace, UnitFilter } from './units.js';
import { namesOf, NAMES_AT_ONCE, queryOf } from './units.js';

/** Rows that are asked for at once. */
export const WINDOW = 100;
/** So many windows are kept; the others are asked for again. */
const KEPT = 40;
/** What is shown is asked for again when it is so old, in milliseconds. */
const OLD_MS = 5_000;

interface Loaded {
  readonly units: readonly ListedUnit[];
  readonly at: number;
}

export interface WindowsState {
  /** Rows there are for sure, and one window more where it is not known that those are all. */
  readonly reached: number;
  readonly isEnd: boolean;
  /** The row that is looked for, and how far the way there has been gone. */
  readonly walking?: { readonly to: number; readonly at: number };
  readonly error?: unknown;
  readonly version: number;
}

/**
 * The units that a query selects, a window at a time. The daemon goes on from names, not from numbers: the name before each window that has
 * been gone past is kept, and a row that is far ahead is reached by names alone, of which nothing else is kept.
 */
export class UnitWindows {
  private readonly before = new Map<number, Name | undefined>([[0, undefined]]);
  private readonly loaded = new Map<number, Loaded>();
  private readonly listeners = new Set<() => void>();
  private end: number | undefined;
  private shown: readonly [number, number] = [0, 0];
  private running: AbortController | undefined;
  private state: WindowsState = { reached: WINDOW, isEnd: false, version: 0 };

  constructor(
    private readonly place: SpecPlace,
    private readonly filter: UnitFilter,
    start: { readonly row: number; readonly from: string | undefined },
  ) {
    // An address that was written by hand may say anything.
    if (start.from !== undefined) this.before.set(Math.floor(start.row / WINDOW), nameOf(start.from));
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  get = (): WindowsState => this.state;

  rowAt(row: number): ListedUnit | undefined {
    return this.loaded.get(Math.floor(row / WINDOW))?.units[row % WINDOW];
  }

  /** The name before the window that a row is in, as paths have it; undefined for the first. */
  nameBefore(row: number): string | undefined {
    const name = this.before.get(Math.floor(row / WINDOW));
    return name === undefined ? undefined : pathPart(name);
  }

  /** Sees to it that these rows are there. */
  show(first: number, last: number): void {
    const windows = [Math.floor(first / WINDOW), Math.floor(last / WINDOW)] as const;
    const isSame = windows[0] === this.shown[0] && windows[1] === this.shown[1];
    this.shown = windows;
    if (isSame && this.running !== undefined) return;
    this.begin();
  }

  /** Asks again for what is shown, and forgets the rest. */
  refresh(): void {
    for (const window of this.loaded.keys()) {
      if (window < this.shown[0] || window > this.shown[1]) this.loaded.delete(window);
      else this.loaded.set(window, { ...this.loaded.get(window)!, at: 0 });
    }
    // What came behind a last window that is full would not be seen.
    if (this.end !== undefined && this.end === (this.shown[1] + 1) * WINDOW) this.end = undefined;
    this.begin();
  }

  stop(): void {
    this.running?.abort();
    this.running = undefined;
  }

  private begin(): void {
    this.stop();
    const { signal } = (this.running = new AbortController());
    void this.load(signal)
      .catch((error: unknown) => {
        if (signal.aborted) return;
        noteError(error);
        this.tell({ error, walking: undefined });
      })
      .finally(() => {
        if (!signal.aborted) this.running = undefined;
      });
  }

  private async load(signal: AbortSignal): Promise<void> {
    for (let window = this.shown[0]; window <= this.shown[1]; window++) {
      if (this.end !== undefined && window * WINDOW >= this.end && window > 0) break;
      if (Date.now() - (this.loaded.get(window)?.at ?? 0) < OLD_MS) continue;
      if (!this.before.has(window) && !(await this.walkTo(window, signal))) continue;
      await this.ask(window, signal);
    }
  }

  private async ask(window: number, signal: AbortSignal): Promise<void> {
    const { namespace, spec } = this.place;
    const previous = this.before.get(window);
    const asked = { ...queryOf(this.filter), limit: WINDOW, include: 'attempt', signal, timeout: '2m' } as const;
    const found = api(namespace)
      .spec(spec)
      .units(previous === undefined ? asked : { ...asked, previous });
    const units = await Array.fromAsync(found);
    signal.throwIfAborted();
    this.keep(window, units);
    if (units.length === WINDOW) {
      this.before.set(window + 1, units.at(-1)!.name);
      if (this.end !== undefined && this.end < (window + 1) * WINDOW) this.end = undefined;
    } else {
      this.end = window * WINDOW + units.length;
    }
    this.tell({ error: undefined, walking: undefined });
  }

  /** What is the same as before stays the same object, so that nothing of it is drawn anew. */
  private keep(window: number, units: readonly ListedUnit[]): void {
    const before = this.loaded.get(window)?.units;
    const kept = units.map((unit, at) => (JSON.stringify(before?.[at]) === JSON.stringify(unit) ? before![at] : unit));
    this.loaded.delete(window);
    this.loaded.set(window, { units: kept, at: Date.now() });
    for (const other of this.loaded.keys()) {
      if (this.loaded.size <= KEPT) break;
      if (other < this.shown[0] || other > this.shown[1]) this.loaded.delete(other);
    }
  }

  /** Finds the name before a window. @returns whether there are so many units */
  private async walkTo(window: number, signal: AbortSignal): Promise<boolean> {
    let at = Math.max(...[...this.before.keys()].filter((one) => one < window));
    while (at < window) {
      const chunk = Math.min(NAMES_AT_ONCE, (window - at) * WINDOW);
      this.tell({ walking: { to: window * WINDOW, at: at * WINDOW } });
      const names = await this.namesAfter(this.before.get(at), chunk, signal);
      signal.throwIfAborted();
      for (let next = WINDOW; next <= names.length; next += WINDOW) this.before.set(++at, names[next - 1]);
      if (names.length < chunk) {
        this.end = at * WINDOW + (names.length % WINDOW);
        this.tell({ walking: undefined });
        return at >= window;
      }
    }
    return true;
  }

  private async namesAfter(previous: Name | undefined, count: number, signal: AbortSignal): Promise<Name[]> {
    const found: Name[] = [];
    // With `contains`, an answer may have fewer than there are.
    for await (const names of namesOf(this.place, this.filter, { previous, signal, chunk: count })) {
      found.push(...names);
      if (found.length >= count) break;
    }
    return found.slice(0, count);
  }

  private tell(change: Partial<WindowsState>): void {
    const reached = this.end ?? (Math.max(...this.before.keys()) + 1) * WINDOW;
    this.state = { ...this.state, ...change, reached, isEnd: this.end !== undefined, version: this.state.version + 1 };
    for (const listener of this.listeners) listener();
  }
}

/** Windows of what a filter selects, which are asked for again while they are looked at. */
export function useUnitWindows(
  place: SpecPlace,
  filter: UnitFilter,
  start: { readonly row: number; readonly from: string | undefined },
): { readonly windows: UnitWindows; readonly state: WindowsState } {
  const key = JSON.stringify([place, filter]);
  const windows = useMemo(() => new UnitWindows(place, filter, start), [key]);
  const state = useSyncExternalStore(windows.subscribe, windows.get);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) windows.refresh();
    }, 2 * OLD_MS);
    return () => {
      clearInterval(timer);
      windows.stop();
    };
  }, [windows]);
  return { windows, state };
}
