import { nameBehind } from '../../domain/names.js';
import type { SpecCondition, SummaryRecord } from '../../domain/work-unit.js';
import { WORK_UNIT_STATUSES } from '../../domain/work-unit.js';
import { NamespaceRepository } from '../../namespaces/namespace.repository.js';
import { countedRows } from './reading/counting.js';
import type { PostgresStore } from './postgres-store.js';
import {
  CLOSE_NAMESPACE,
  CLOSE_SPECS,
  CONDITIONS,
  COUNT_ALL,
  COUNT_IN,
  DESTROY_NAMESPACE,
  LIST_NAMESPACES,
} from './sql/specs-admin.sql.js';
import { ENSURE_NAMESPACES, FIND_NAMESPACES } from './sql/specs.sql.js';
import { destroyingThing, namespaceThing } from './units/things.js';
import { byteaColumn } from './wire/columns.js';
import { statement } from './wire/statement.js';
import { textOfRow, textParameter } from './wire/values.js';

/** So many names are read by one statement. */
const WINDOW = 1000;

export class PostgresNamespaceRepository extends NamespaceRepository {
  constructor(private readonly store: PostgresStore) {
    super();
  }

  override async list(): Promise<string[]> {
    const names: string[] = [];
    for (let first = ''; ; first = nameBehind(names[names.length - 1])) {
      const rows = await this.store.pool.query(statement(LIST_NAMESPACES, textParameter(first), WINDOW));
      for (const [name] of rows) names.push(textOfRow(name!));
      if (rows.length < WINDOW) return names;
    }
  }

  override async ensure(namespace: string): Promise<void> {
    await this.store.pool.query(statement(ENSURE_NAMESPACES, byteaColumn([textParameter(namespace)])), {
      locks: [namespaceThing(namespace)],
    });
  }

  override async exists(namespace: string): Promise<boolean> {
    const rows = await this.store.pool.query(statement(FIND_NAMESPACES, byteaColumn([textParameter(namespace)])));
    return rows.length > 0;
  }

  override async destroy(namespace: string): Promise<boolean> {
    const name = textParameter(namespace);
    const commands = [CLOSE_NAMESPACE, CLOSE_SPECS, DESTROY_NAMESPACE];
    const results = await this.store.pool.transaction(
      (run) => run(...commands.map((command) => statement(command, name))),
      { locks: [destroyingThing(namespace)] },
    );
    return results[2].length > 0;
  }

  override async conditions(): Promise<SpecCondition[]> {
    const counted = await countedRows(this.store, statement(CONDITIONS));
    return counted.map(({ namespace, workSpec, counts, now, since, limitedUntil }) => ({
      namespace,
      workSpec,
      counts,
      oldestAvailable: since === undefined ? undefined : Math.max(0, now - Number(since)),
      limitedUntil: limitedUntil === undefined ? undefined : Number(limitedUntil),
    }));
  }

  override async summarize(namespace?: string): Promise<SummaryRecord[]> {
    const question = namespace === undefined ? statement(COUNT_ALL) : statement(COUNT_IN, textParameter(namespace));
    const counted = await countedRows(this.store, question);
    return counted.flatMap(({ namespace, workSpec, counts }) =>
      WORK_UNIT_STATUSES.filter((status) => counts[status] > 0).map((status) => ({
        namespace,
        workSpec,
        status,
        count: counts[status],
      })),
    );
  }
}
