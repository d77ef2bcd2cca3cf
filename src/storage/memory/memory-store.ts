import type { Awaitable } from '../../domain/awaitable.js';
import { compareText } from '../../domain/names.js';
import { SplitMap } from '../../structures/split-map.js';
import { NoSuchWorkSpecError } from '../../domain/errors.js';
import type { Random } from '../../domain/scheduler/draw.js';
import type { LocalClock, Micros } from '../../domain/time.js';
import type { WorkObservers } from '../../domain/work-observer.js';
import { HistoryRoom } from '../../live/history/recorder/history-room.js';
import { ProcessMemory } from '../process-memory.js';
import type { Slices } from '../../timing/slices.js';
import { NO_OBSERVERS } from '../../domain/work-observer.js';
import { AttemptNumbers } from './attempt-numbers.js';
import { NamespaceState } from './namespace-state.js';
import { whenOpen } from './gate.js';
import type { Pace } from './pace.js';
import { PACE } from './pace.js';
import { ScheduledSpecs } from './scheduled-specs.js';
import type { SpecState } from './spec-state.js';
import { sortedInSlices } from '../../timing/sorted-in-slices.js';
import { SessionTable } from './session-table.js';
import { noteHeap } from './structures/off-heap.js';

/** About what a namespace without anything takes. */
const NAMESPACE_BYTES = 600;

/** Looks at what happens in a namespace while somebody waits for work there. */
export interface NamespaceWatch {
  /** The namespace is there, or is another one by that name. */
  begin(namespace: NamespaceState): void;
}

/** Everything that the memory backend holds, shared by its repositories. Nothing here survives the process. */
export class MemoryStore {
  private readonly namespaces = new SplitMap<NamespaceState>();
  readonly numbers = new AttemptNumbers();
  readonly sessions = new SessionTable();
  /** Of namespaces by name, which need not be there. */
  readonly watches = new Map<string, NamespaceWatch>();
  readonly scheduled = new ScheduledSpecs<SpecState>();
  /** Hear in which namespace attempts have been stopped. */
  readonly stopListeners = new Set<(namespace: string) => void>();

  constructor(
    private readonly clock: LocalClock,
    private readonly observers: WorkObservers = NO_OBSERVERS,
    readonly pace: Pace = PACE,
    readonly memory = new ProcessMemory(),
    private readonly histories = new HistoryRoom(),
    /** Spreads the pauses of what is retried. */
    private readonly random: Random = Math.random,
  ) {}

  noteStop(namespace: string): void {
    for (const listener of this.stopListeners) listener(namespace);
  }

  now(): Micros {
    return this.clock.now();
  }

  /** In the order of their names; very many are put in order in slices, and some may have come or gone meanwhile. */
  inOrder(): Awaitable<NamespaceState[]> {
    return this.namespaces.size > this.pace.large ? this.manyInOrder() : [...this.namespaces.values()].sort(byName);
  }

  private async manyInOrder(): Promise<NamespaceState[]> {
    const slices = this.pace.slices();
    const all: NamespaceState[] = [];
    for (const namespace of this.namespaces.values()) {
      all.push(namespace);
      if (slices.isOver()) await slices.next();
    }
    const sorted = await sortedInSlices(all, byName, slices);
    // The table may have been split while it was gone through, and then some were seen twice.
    return sorted.filter(({ name }, at) => at === 0 || name !== sorted[at - 1].name);
  }

  /** In no order. Some may come and go between two of them, as with a Map; a few may be seen twice then. @param only - the one of this name */
  unsorted(only?: string): Iterable<NamespaceState> {
    if (only === undefined) return this.namespaces.values();
    const one = this.find(only);
    return one ? [one] : [];
  }

  find(name: string): NamespaceState | undefined {
    return this.namespaces.get(name);
  }

  /** @throws MemoryFullError where it would have to be made */
  ensure(name: string): NamespaceState {
    let namespace = this.namespaces.get(name);
    if (!namespace) {
      this.memory.admit(NAMESPACE_BYTES);
      noteHeap(NAMESPACE_BYTES + name.length);
      namespace = this.make(name);
      namespace.isThere = true;
      this.namespaces.set(name, namespace);
      this.watches.get(name)?.begin(namespace);
    }
    return namespace;
  }

  /** A namespace that nobody finds before it is adopted. */
  make(name: string): NamespaceState {
    return new NamespaceState(
      name,
      this.numbers,
      this.observers,
      this.histories,
      this.pace,
      this.memory,
      this.random,
      this.scheduled,
    );
  }

  /** The spec, which may be busy. @throws NoSuchWorkSpecError */
  spec(namespace: string, name: string): SpecState {
    const found = this.namespaces.get(namespace);
    if (!found) throw new NoSuchWorkSpecError(name);
    return found.spec(name);
  }

  /**
   * Carries out an operation on a spec at one moment of the clock, once no long change of it is under way.
   * @throws NoSuchWorkSpecError
   */
  at<T>(namespace: string, name: string, operation: (spec: SpecState, now: Micros) => Awaitable<T>): Awaitable<T> {
    const now = this.now();
    const spec = this.spec(namespace, name);
    return spec.isBusy(now) ? this.atLater(spec, namespace, name, operation) : operation(spec, now);
  }

  /** As `at`, of a spec that may have gone by then. */
  within<T>(spec: Pick<SpecState, 'isBusy' | 'gate'>, operation: (now: Micros) => Awaitable<T>): Awaitable<T> {
    const now = this.now();
    return spec.isBusy(now) ? whenOpen([spec.gate], () => this.within(spec, operation)) : operation(now);
  }

  private atLater<T>(
    { gate }: SpecState,
    namespace: string,
    name: string,
    operation: (spec: SpecState, now: Micros) => Awaitable<T>,
  ): Promise<T> {
    return whenOpen([gate], () => this.at(namespace, name, operation));
  }

  /**
   * Goes through much of a spec in windows of one slice each, between which others may change it. A window goes on from
   * where the last one stopped, and tells whether there is more.
   */
  async inWindows(
    namespace: string,
    name: string,
    window: (spec: SpecState, now: Micros, slices: Slices) => boolean,
  ): Promise<void> {
    const slices = this.pace.slices();
    while (await this.at(namespace, name, (spec, now) => window(spec, now, slices))) await slices.next();
  }

  /** Whether it holds no work specs and no workers. */
  get isEmpty(): boolean {
    for (const { specs, knownWorkers } of this.unsorted()) {
      if (specs.size > 0 || knownWorkers?.isEmpty === false) return false;
    }
    return true;
  }

  /** Takes over namespaces that it has made, in the place of those of the same names. */
  adopt(namespaces: readonly NamespaceState[]): void {
    for (const namespace of namespaces) {
      this.namespaces.set(namespace.name, namespace);
      namespace.isThere = true;
      for (const spec of namespace.specs.values()) if (spec.definition.meta.slots) this.scheduled.add(spec);
      this.watches.get(namespace.name)?.begin(namespace);
    }
    this.scheduled.changed();
  }

  destroy(name: string): boolean {
    this.namespaces.get(name)?.giveUp();
    return this.namespaces.delete(name);
  }
}

function byName(a: NamespaceState, b: NamespaceState): number {
  return compareText(a.name, b.name);
}
