import { NoSuchWorkSpecError } from '../../domain/errors.js';
import { compareText } from '../../domain/names.js';
import type { ProcessMemory } from '../process-memory.js';
import type { WorkObservers } from '../storage-observer.js';
import type { AttemptNumbers } from './attempt-numbers.js';
import { Claimables } from './claimable.js';
import { Gate } from './gate.js';
import { LockTree } from './lock-tree.js';
import type { Pace } from './pace.js';
import type { SpecNamespace, SpecState } from './spec-state.js';
import { WorkerDirectory } from './worker-directory.js';

/** All that one namespace holds. */
export class NamespaceState implements SpecNamespace {
  readonly specs = new Map<string, SpecState>();
  readonly claimables = new Claimables<SpecState>();
  /** Made when they are first needed: anybody who can name a namespace can make one, and an empty one should be cheap. */
  private ownWorkers: WorkerDirectory | undefined;
  private ownLocks: LockTree | undefined;
  private ownLockGate: Gate | undefined;

  constructor(
    readonly name: string,
    readonly numbers: AttemptNumbers,
    readonly observers: WorkObservers,
    readonly pace: Pace,
    readonly memory: ProcessMemory,
  ) {}

  get workers(): WorkerDirectory {
    return (this.ownWorkers ??= new WorkerDirectory());
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

  specsByName(): SpecState[] {
    return [...this.specs.values()].sort((a, b) => compareText(a.definition.name, b.definition.name));
  }

  /** It goes, with all below. */
  giveUp(): void {
    for (const { work } of this.specs.values()) work.giveUp();
    this.ownWorkers?.giveUp();
  }

  dropSpec(spec: SpecState): void {
    spec.dropWork();
    this.specs.delete(spec.definition.name);
    this.claimables.remove(spec.claimable);
  }
}
