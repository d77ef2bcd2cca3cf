import type { WorkObserver } from '../../../domain/work-observer.js';
import type { Random } from '../../../domain/scheduler/draw.js';
import type { HistoryWriter } from '../history/history-writer.js';
import { Slices } from '../../../timing/slices.js';
import type { Connection } from '../wire/connection.js';
import { byteaColumn, int8Column } from '../wire/columns.js';
import { statement } from '../wire/statement.js';
import { textOfRow, textParameter } from '../wire/values.js';
import {
  ENSURE_NAMESPACES,
  FIND_NAMESPACES,
  FIND_SPECS,
  FIND_SPECS_IN,
  FOUND_SPEC,
  READ_SPECS,
} from '../sql/specs.sql.js';
import { KnownCauses } from './known-causes.js';
import { Recent } from './recent.js';
import type { SpecHead } from './spec-head.js';
import { readSpecHead } from './spec-head.js';
import { nameKey } from '../../../structures/name-key.js';

/** A work spec by its names. */
export interface SpecName {
  readonly namespace: string;
  readonly workSpec: string;
}

/** So many specs are read by one statement. */
const WINDOW = 1000;
/** So many specs are remembered, and so many namespaces: those that were used last. */
const MOST = 50_000;

/**
 * Which ids belong to which names, as this daemon saw them last. An id never comes to mean something else: an object that
 * goes takes its id along. So what is kept here is only ever out of date by ids that are gone, or by a new version of a
 * spec, and both are noticed by the transaction that uses them.
 */
export class SpecDirectory {
  private readonly namespaces: Recent<string, number>;
  private readonly namespaceNames = new Map<number, string>();
  private readonly ids = new Map<string, number>();
  private readonly heads: Recent<number, SpecHead>;

  constructor(
    private readonly history: Pick<HistoryWriter, 'observerOf'>,
    most = MOST,
    /** The causes by which units of the specs failed. */
    readonly causes = new KnownCauses(() => Promise.resolve([])),
    /** Spreads the pauses of what is retried. */
    readonly random: Random = Math.random,
  ) {
    this.namespaces = new Recent(most, undefined, (_, id) => this.namespaceNames.delete(id));
    this.heads = new Recent(most, undefined, (_, head) => this.forgetName(head));
  }

  /** How many specs and namespaces are remembered. */
  get size(): number {
    return Math.max(this.heads.size, this.ids.size, this.namespaces.size, this.namespaceNames.size);
  }

  namespaceId(name: string): number | undefined {
    return this.namespaces.get(name);
  }

  idOf({ namespace, workSpec }: SpecName): number | undefined {
    const namespaceId = this.namespaces.get(namespace);
    return namespaceId === undefined ? undefined : this.idIn(namespaceId, workSpec);
  }

  idIn(namespaceId: number, workSpec: string): number | undefined {
    return this.ids.get(key(namespaceId, workSpec));
  }

  head(id: number): SpecHead | undefined {
    return this.heads.get(id);
  }

  headOf(spec: SpecName): SpecHead | undefined {
    const id = this.idOf(spec);
    return id === undefined ? undefined : this.heads.get(id);
  }

  /** The name of a namespace, as long as it is known. */
  namespaceName(id: number): string | undefined {
    return this.namespaceNames.get(id);
  }

  /** Who is told of the work of a spec, as long as its name is known. */
  observerOf(id: number): WorkObserver | undefined {
    const head = this.heads.get(id);
    if (!head) return undefined;
    const namespace = this.namespaceNames.get(head.namespaceId);
    if (namespace === undefined) return undefined;
    return this.history.observerOf(head.historyId, namespace, head.name);
  }

  forgetSpec(id: number): void {
    const head = this.heads.get(id);
    if (!head) return;
    this.heads.delete(id);
    this.forgetName(head);
  }

  private forgetName({ id, namespaceId, name }: SpecHead): void {
    const spec = key(namespaceId, name);
    if (this.ids.get(spec) === id) this.ids.delete(spec);
  }

  forgetNamespace(id: number): void {
    const name = this.namespaceNames.get(id);
    if (name !== undefined && this.namespaces.get(name) === id) this.namespaces.delete(name);
    this.namespaceNames.delete(id);
    for (const head of [...this.heads.values()]) if (head.namespaceId === id) this.forgetSpec(head.id);
  }

  /** Looks up namespaces. @param toMake - those to be made where they are missing */
  async findNamespaces(connection: Connection, names: readonly string[], toMake = names): Promise<void> {
    const column = (some: readonly string[]) => byteaColumn([...new Set(some)].map(textParameter));
    const isUnknown = (name: string): boolean => this.namespaces.get(name) === undefined;
    const missing = names.filter(isUnknown);
    if (missing.length === 0) return;
    const making = toMake.filter(isUnknown);
    const results = await connection.runTogether([
      ...(making.length > 0 ? [statement(ENSURE_NAMESPACES, column(making))] : []),
      statement(FIND_NAMESPACES, column(missing)),
    ]);
    for (const [id, name] of results.at(-1)!) this.keepNamespace(textOfRow(name!), Number(id));
  }

  /** Looks up work specs; those that are still unknown afterwards are not there. */
  async findSpecs(connection: Connection, specs: readonly SpecName[]): Promise<void> {
    const missing = new Map<string, SpecName>();
    let last: SpecName | undefined;
    for (const spec of specs) {
      // Most of them are one.
      if (last?.workSpec === spec.workSpec && last.namespace === spec.namespace) continue;
      last = spec;
      if (this.idOf(spec) === undefined) missing.set(nameKey(spec.namespace, spec.workSpec), spec);
    }
    if (missing.size === 0) return;
    const names = [...missing.values()];
    const [rows] = await connection.runTogether([
      statement(
        FIND_SPECS,
        byteaColumn(names.map(({ namespace }) => textParameter(namespace))),
        byteaColumn(names.map(({ workSpec }) => textParameter(workSpec))),
      ),
    ]);
    for (const row of rows) {
      const head = readSpecHead(row);
      this.keepNamespace(textOfRow(row[FOUND_SPEC.namespace]!), head.namespaceId);
      this.keep(head);
    }
  }

  /**
   * Finds the ids of work specs in namespaces that are known to be there.
   * @param gone - ids that turned out to be gone
   * @returns the id of each, undefined where there is no such spec
   */
  async findSpecsIn(
    connection: Connection,
    specs: readonly { readonly namespaceId: number; readonly workSpec: string }[],
    gone: ReadonlySet<number>,
  ): Promise<(number | undefined)[]> {
    const ids = specs.map(({ namespaceId, workSpec }) => this.idIn(namespaceId, workSpec));
    const unknown = specs.filter((_, i) => ids[i] === undefined || gone.has(ids[i]));
    if (unknown.length === 0) return ids;
    const [rows] = await connection.run([
      statement(
        FIND_SPECS_IN,
        int8Column(unknown.map(({ namespaceId }) => namespaceId)),
        byteaColumn(unknown.map(({ workSpec }) => textParameter(workSpec))),
      ),
    ]);
    const found = new Map<string, number>();
    for (const row of rows) {
      const head = readSpecHead(row);
      this.keep(head);
      found.set(key(head.namespaceId, head.name), head.id);
    }
    return specs.map(({ namespaceId, workSpec }, i) =>
      unknown.includes(specs[i]) ? found.get(key(namespaceId, workSpec)) : ids[i],
    );
  }

  /**
   * Reads those that are not known in the version that the database has.
   * @returns all of them by their ids, however many, as far as they are still there
   */
  async refresh(connection: Connection, versions: ReadonlyMap<number, number>): Promise<Map<number, SpecHead>> {
    const heads = new Map<number, SpecHead>();
    const stale: number[] = [];
    for (const [id, version] of versions) {
      const head = this.heads.get(id);
      if (head?.version === version) heads.set(id, head);
      else stale.push(id);
    }
    if (stale.length === 0) return heads;
    const slices = new Slices();
    for (let at = 0; at < stale.length; at += WINDOW) {
      const [rows] = await connection.run([statement(READ_SPECS, int8Column(stale.slice(at, at + WINDOW)))]);
      for (const row of rows) {
        const head = readSpecHead(row);
        heads.set(head.id, head);
        this.keep(head);
        if (slices.isOver()) await slices.next();
      }
    }
    return heads;
  }

  keepNamespace(name: string, id: number): void {
    const before = this.namespaces.get(name);
    if (before !== undefined && before !== id) this.namespaceNames.delete(before);
    this.namespaces.set(name, id);
    this.namespaceNames.set(id, name);
  }

  private keep(head: SpecHead): void {
    const name = key(head.namespaceId, head.name);
    const before = this.ids.get(name);
    // Of two by one name the other is gone, or will be found to be there again.
    if (before !== undefined && before !== head.id) this.heads.delete(before);
    this.heads.set(head.id, head);
    this.ids.set(name, head.id);
  }
}

function key(namespaceId: number, workSpec: string): string {
  return `${namespaceId} ${workSpec}`;
}
