import type { Awaitable } from '../domain/awaitable.js';
import type { SpecCondition, SummaryRecord } from '../domain/work-unit.js';

/**
 * Namespaces. Operations on what lies below a namespace create it where that is their rule; these do only what they say.
 * The class is its own injection token; a storage backend implements it.
 */
export abstract class NamespaceRepository {
  /** All names, in the order of their UTF-8 bytes. */
  abstract list(): Awaitable<string[]>;

  /** Creates it unless it is there. */
  abstract ensure(namespace: string): Awaitable<void>;

  abstract exists(namespace: string): Awaitable<boolean>;

  /** Destroys it and all below it. @returns false when there was none */
  abstract destroy(namespace: string): Awaitable<boolean>;

  /** Counts at this moment, sorted by namespace and spec, of everything or of one namespace. */
  abstract summarize(namespace?: string): Awaitable<SummaryRecord[]>;

  /** How the work of every spec there is stands at this moment, sorted by namespace and spec. */
  abstract conditions(): Awaitable<SpecCondition[]>;
}
