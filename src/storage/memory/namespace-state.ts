import { NoSuchWorkSpecError } from '../../domain/errors.js';
import type { Random } from '../../domain/scheduler/draw.js';
import { compareText } from '../../domain/names.js';
import type { HistoryRoom } from '../../live/history/recorder/history-room.js';
import type { ProcessMemory } from '../process-memory.js';
import type { WorkObservers } from '../../domain/work-observer.js';
import type { AttemptNumbers } from './attempt-numbers.js';
import { Claimables } from './claimables.js';
import { Followers } from './followers.js';
import { Gate } from './gate.js';
import { LockTree } from './lock-tree.js';
import type { Pace } from './pace.js';
import type { ScheduledSpecs } from './scheduled-specs.js';
import type { SpecNamespace, SpecState } from './spec-state.js';
import { sortedInSlices } from '../../timing/sorted-in-slices.js';
import { giveUpWork } from './giving-up.js';
import { WorkerDirectory } from './worker-directory.js';

/** All that one namespace holds. */
export class NamespaceState implements SpecNamespace {
  /** To be added to, and taken from, by `addSpec` and `dropSpecs`. */
  readonly specs = new Map<string, SpecState>();
  /** Whether it is the one that is there by its name: not before a snapshot is in place, and not once it has gone. */
  isThere = false;
  /** Which of them wait for which. */
  readonly followers = new Followers(this.specs);
  private sorted: readonly SpecState[] | undefined;
  /** How often a spec has come or gone. */
  private changes = 0;
  readonly claimables: Claimables<SpecState>;
  /** Made when they are first needed: anybody who can name a namespace can make one, and an empty one should be cheap. */
  private ownWorkers: WorkerDirectory | undefined;
  private ownLocks: LockTree | undefined;
  private ownLockGate: Gate | undefined;

  constructor(
    readonly name: string,
    readonly numbers: AttemptNumbers,
    readonly observers: WorkObservers,
    readonly histories: HistoryRoom,
    readonly pace: Pace,
    readonly memory: ProcessMemory,
    readonly random: Random,
    readonly scheduled: ScheduledSpecs<SpecState>,
  ) {
    this.claimables = new Claimables(pace.many);
  }

  get workers(): WorkerDirectory {
    return (this.ownWorkers ??= new WorkerDirectory(this.pace));
  }

  /** For who only looks at those there are: undefined when there have been none. */
  get knownWorkers(): WorkerDirectory | undefined {
    return this.ownWorkers;
  }

  get locks(): LockTree {
    return (this.ownLocks ??= new LockTree());
  }

  /** Closed while very many locks are being taken or given back. */
  get lockGate(): Gate {
    return (this.ownLockGate ??= new Gate(this.pace));
  }

  get knownLocks(): LockTree | undefined {
    return this.ownLocks;
  }

  /** @throws NoSuchWorkSpecError */
  spec(name: string): SpecState {
    const spec = this.specs.get(name);
    if (!spec) throw new NoSuchWorkSpecError(name);
    return spec;
  }

  addSpec(spec: SpecState): void {
    this.specs.set(spec.definition.name, spec);
    this.specsChanged();
  }

  /** The specs in the order of their names; undefined where they are very many and have yet to be put in order. */
  get inOrder(): readonly SpecState[] | undefined {
    if (this.sorted || this.specs.size > this.pace.large) return this.sorted;
    return (this.sorted = [...this.specs.values()].sort(byName));
  }

  /** The specs as they are now, put in order in slices. */
  async putInOrder(): Promise<readonly SpecState[]> {
    const { changes } = this;
    const sorted = await sortedInSlices([...this.specs.values()], byName, this.pace.slices());
    if (this.changes === changes) this.sorted = sorted;
    return sorted;
  }

  /** It goes, with all below. */
  giveUp(): void {
    this.isThere = false;
    for (const spec of this.specs.values()) {
      spec.history.giveUp();
      this.scheduled.remove(spec);
    }
    giveUpWork([...this.specs.values()], this.pace);
    this.ownWorkers?.giveUp();
  }

  /** Specs go, all in one moment. What workers know of them goes afterwards where it is much. */
  dropSpecs(specs: readonly SpecState[]): void {
    for (const spec of specs) {
      this.specs.delete(spec.definition.name);
      this.claimables.remove(spec.claimable);
      this.scheduled.remove(spec);
      spec.history.giveUp();
      spec.leaves();
    }
    this.specsChanged();
    giveUpWork(specs, this.pace);
  }

  private specsChanged(): void {
    this.changes++;
    this.sorted = undefined;
  }
}

function byName(a: SpecState, b: SpecState): number {
  return compareText(a.definition.name, b.definition.name);
}
