import { compareText } from '../../domain/names.js';
import { NoSuchWorkSpecError } from '../../domain/errors.js';
import type { LocalClock, Micros } from '../../domain/time.js';
import type { WorkObservers } from '../storage-observer.js';
import { NO_OBSERVERS } from '../storage-observer.js';
import { AttemptNumbers, NamespaceState } from './namespace-state.js';
import type { SpecState } from './spec-state.js';

/** Everything that the memory backend holds, shared by its repositories. Nothing here survives the process. */
export class MemoryStore {
  private readonly namespaces = new Map<string, NamespaceState>();
  readonly numbers = new AttemptNumbers();

  constructor(
    private readonly clock: LocalClock,
    private readonly observers: WorkObservers = NO_OBSERVERS,
  ) {}

  now(): Micros {
    return this.clock.now();
  }

  /** In the order of their names. */
  all(): NamespaceState[] {
    return [...this.namespaces.values()].sort((a, b) => compareText(a.name, b.name));
  }

  find(name: string): NamespaceState | undefined {
    return this.namespaces.get(name);
  }

  ensure(name: string): NamespaceState {
    let namespace = this.namespaces.get(name);
    if (!namespace) {
      namespace = this.make(name);
      this.namespaces.set(name, namespace);
    }
    return namespace;
  }

  /** A namespace that nobody finds before it is adopted. */
  make(name: string): NamespaceState {
    return new NamespaceState(name, this.numbers, this.observers);
  }

  /** The spec, settled. @throws NoSuchWorkSpecError */
  spec(namespace: string, name: string, now: Micros): SpecState {
    const found = this.namespaces.get(namespace);
    if (!found) throw new NoSuchWorkSpecError(name);
    return found.spec(name, now);
  }

  /** Whether it holds no work specs and no workers. */
  get isEmpty(): boolean {
    return this.all().every(({ specs, workers }) => specs.size === 0 && workers.isEmpty);
  }

  /** Takes over namespaces that it has made, in the place of those of the same names. */
  adopt(namespaces: readonly NamespaceState[]): void {
    for (const namespace of namespaces) this.namespaces.set(namespace.name, namespace);
  }

  destroy(name: string): boolean {
    return this.namespaces.delete(name);
  }
}
