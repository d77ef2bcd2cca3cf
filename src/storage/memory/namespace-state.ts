import { NoSuchWorkSpecError } from '../../domain/errors.js';
import { compareText } from '../../domain/names.js';
import type { WorkObservers } from '../storage-observer.js';
import { Gate } from './gate.js';
import { LockTree } from './lock-tree.js';
import type { Pace } from './pace.js';
import type { SpecState } from './spec-state.js';
import { WorkerDirectory } from './worker-directory.js';

/** Hands out attempt numbers, never one twice. */
export class AttemptNumbers {
  private last = 0;

  next(): number {
    return ++this.last;
  }

  /** So many of them for one claim, which then follow each other whatever others do. */
  block(size: number): AttemptNumbers {
    const block = new AttemptNumbers();
    block.last = this.last;
    this.last += size;
    return block;
  }

  /** The last that was handed out. */
  get latest(): number {
    return this.last;
  }

  /** Hands out none up to a number. */
  skipTo(number: number): void {
    this.last = Math.max(this.last, number);
  }
}

/** All that one namespace holds. */
export class NamespaceState {
  readonly specs = new Map<string, SpecState>();
  readonly workers = new WorkerDirectory();
  readonly locks = new LockTree();
  /** Closed while very many locks are being taken or given back. */
  readonly lockGate: Gate;

  constructor(
    readonly name: string,
    readonly numbers: AttemptNumbers,
    readonly observers: WorkObservers,
    readonly pace: Pace,
  ) {
    this.lockGate = new Gate(pace);
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

  dropSpec(spec: SpecState): void {
    spec.dropWork();
    this.specs.delete(spec.definition.name);
  }
}
