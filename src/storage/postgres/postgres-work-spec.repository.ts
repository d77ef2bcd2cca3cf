import { CannotBecomeContinuousError, NoSuchWorkSpecError } from '../../domain/errors.js';
import { hasLimits } from '../../domain/flow/hold-back.js';
import type { Schedule } from '../../domain/flow/schedule.js';
import { definedSlots, type SlotState } from '../../domain/flow/slot-rules.js';
import { nameBehind } from '../../domain/names.js';
import type {
  MeasuredSpec,
  WorkSpec,
  WorkSpecDefinition,
  WorkSpecMeta,
  WorkSpecMetaChange,
} from '../../domain/work-spec.js';
import { applyMetaChange, atPresent } from '../../domain/work-spec.js';
import type { WorkUnitCounts } from '../../domain/work-unit.js';
import type { WorkSpecWindow } from '../../work-specs/work-spec.repository.js';
import { WorkSpecRepository } from '../../work-specs/work-spec.repository.js';
import { countedRows } from './reading/counting.js';
import { closeNamespace, holdNamespace } from './units/namespaces.js';
import { limiting } from './units/spec-limits.js';
import type { PostgresStore } from './postgres-store.js';
import { rowOfSpec } from './postgres-store.js';
import { needFlow } from './opening/registration.js';
import { LOCK_SCHEDULED, LOCKED_SCHEDULED, WRITE_SLOTS_BY_NAME } from './sql/schedules.sql.js';
import * as commands from './sql/specs-admin.sql.js';
import { News } from './telling/news.js';
import { slotParameters } from './units/slot-columns.js';
import { readSpecHead } from './units/spec-head.js';
import { namespaceThing, specThing, specsThing } from './units/things.js';
import { specParameters } from './units/spec-parameters.js';
import { byteaColumn } from './wire/columns.js';
import type { Run } from './wire/connection-pool.js';
import type { Row, Sql, Statement } from './wire/statement.js';
import { statement } from './wire/statement.js';
import { wanting, type Wishes } from './wire/held-things.js';
import { bytesOf, textOfRow, textParameter } from './wire/values.js';

/** So many specs are read by one statement. */
const WINDOW = 500;

export class PostgresWorkSpecRepository extends WorkSpecRepository {
  constructor(private readonly store: PostgresStore) {
    super();
  }

  override async set(namespace: string, definition: WorkSpecDefinition): Promise<void> {
    const own = { ...definition, data: Buffer.from(definition.data) };
    let namespaceId = 0;
    const set = async (run: Run): Promise<void> => {
      // What waits for what is looked at, and changed, by one transaction at a time.
      namespaceId = await (own.meta.flow?.after ? closeNamespace : holdNamespace)(run, namespace);
      await this.setSpec(run, namespaceId, own);
    };
    await this.store.telling(() => News.of(namespaceId), set, locking(namespace, own.name));
    if (own.meta.flow?.schedule) this.store.slots.set();
  }

  override async redefine(namespace: string, definition: WorkSpecDefinition): Promise<void> {
    const own = { ...definition, data: Buffer.from(definition.data) };
    let namespaceId = 0;
    const set = async (run: Run): Promise<void> => {
      if (own.meta.flow?.after) {
        await wanting(namespaceThing(namespace), () =>
          run(statement(commands.CLOSE_NAMESPACE, textParameter(namespace))),
        );
      }
      ({ namespaceId } = await lockSpec(run, namespace, definition.name));
      await this.setSpec(run, namespaceId, own);
    };
    await this.store.telling(() => News.of(namespaceId), set, locking(namespace, own.name));
    if (own.meta.flow?.schedule) this.store.slots.set();
  }

  private async setSpec(run: Run, namespaceId: number, definition: WorkSpecDefinition): Promise<void> {
    const { name, meta } = definition;
    if (meta.flow) await needFlow(run, this.store.sessionName);
    const slots = meta.flow?.schedule && (await slotsOf(run, namespaceId, name, meta.flow.schedule));
    const limits = await limiting(run, namespaceId, definition);
    await run(
      statement(commands.SET_SPEC, namespaceId, ...specParameters(definition)),
      ...(slots ? [statement(WRITE_SLOTS_BY_NAME, ...slotParameters(slots), namespaceId, textParameter(name))] : []),
      ...limits,
      ...awaitClaims(namespaceId, name, meta),
    );
  }

  override async find(namespace: string, name: string): Promise<WorkSpec | undefined> {
    const rows = await this.store.pool.query(
      statement(commands.FIND_SPEC, textParameter(namespace), textParameter(name)),
    );
    return rows.length === 0 ? undefined : readSpec(rows[0]);
  }

  override async missing(namespace: string, names: readonly string[]): Promise<string[]> {
    const rows = await this.store.pool.query(
      statement(commands.MISSING_SPECS, textParameter(namespace), byteaColumn(names.map(textParameter))),
    );
    return rows.map(([ordinal]) => names[Number(ordinal) - 1]);
  }

  override list(namespace: string, window?: WorkSpecWindow): Promise<WorkSpec[]> {
    return this.inWindows(commands.LIST_SPECS, namespace, window, readSpec);
  }

  override measure(namespace: string, window: WorkSpecWindow): Promise<MeasuredSpec[]> {
    return this.inWindows(commands.MEASURE_SPECS, namespace, window, ([name, bytes]) => ({
      name: textOfRow(name!),
      bytes: Number(bytes),
    }));
  }

  private async inWindows<S extends { readonly name: string }>(
    command: Sql,
    namespace: string,
    { start = '', limit = Infinity }: WorkSpecWindow = {},
    read: (row: Row) => S,
  ): Promise<S[]> {
    const specs: S[] = [];
    for (let from = start; ; from = nameBehind(specs.at(-1)!.name)) {
      const window = Math.min(limit - specs.length, WINDOW);
      const rows = await this.store.pool.query(
        statement(command, textParameter(namespace), textParameter(from), window),
      );
      for (const row of rows) specs.push(read(row));
      if (rows.length < WINDOW || specs.length === limit) return specs;
    }
  }

  override async delete(namespace: string, name: string): Promise<boolean> {
    const rows = await this.store.pool.query(
      statement(commands.DELETE_SPEC, textParameter(namespace), textParameter(name)),
      locking(namespace, name),
    );
    for (const [, namespaceId, isAwaited] of rows)
      if (isAwaited === 't') this.store.tidings.rested(Number(namespaceId));
    return rows.length > 0;
  }

  override async clear(namespace: string): Promise<number> {
    const name = textParameter(namespace);
    const [, gone] = await this.store.pool.transaction(
      (run) => run(statement(commands.CLOSE_SPECS, name), statement(commands.DELETE_SPECS, name)),
      { locks: [specsThing(namespace)] },
    );
    return gone.length;
  }

  override async meta(namespace: string, name: string, withCounts: boolean): Promise<WorkSpecMeta> {
    const rows = await this.store.pool.query(
      statement(commands.FIND_SPEC, textParameter(namespace), textParameter(name)),
    );
    const row = rowOfSpec(rows, name);
    const meta = atPresent(readSpecHead(row).meta, Number(row[commands.READ_SPEC.now]));
    if (!withCounts) return { ...meta };
    const counts = await this.counts(namespace, name);
    return { ...meta, availableCount: counts.available, pendingCount: counts.pending };
  }

  override async changeMeta(
    namespace: string,
    name: string,
    change: WorkSpecMetaChange,
    { strict = false }: { strict?: boolean } = {},
  ): Promise<void> {
    let namespaceId = 0;
    const write = async (run: Run): Promise<void> => {
      const spec = await lockSpec(run, namespace, name);
      ({ namespaceId } = spec);
      const meta = { ...spec.meta };
      const done = applyMetaChange(meta, change);
      if (strict && !done) throw new CannotBecomeContinuousError();
      await run(
        statement(
          commands.WRITE_META,
          spec.id,
          meta.priority,
          meta.weight,
          meta.paused,
          meta.continuous,
          meta.minMemoryGb,
          String(meta.intervalNs),
          meta.nextContinuous,
          meta.maxRunning,
          meta.maxAttemptsReturned,
          meta.maxRetries,
          meta.lastContinuous,
        ),
        ...awaitClaims(spec.namespaceId, name, meta),
      );
    };
    await this.store.telling(() => News.of(namespaceId), write, locking(namespace, name));
  }

  override async counts(namespace: string, name: string): Promise<WorkUnitCounts> {
    const counted = await countedRows(
      this.store,
      statement(commands.COUNT_SPEC, textParameter(namespace), textParameter(name)),
    );
    return rowOfSpec(counted, name).counts;
  }
}

/** What is locked by who changes a work spec. */
function locking(namespace: string, name: string): Wishes {
  return { locks: [namespaceThing(namespace), specThing(namespace, name)] };
}

async function lockSpec(run: Run, namespace: string, name: string): Promise<ReturnType<typeof readSpecHead>> {
  const [[row]] = await run(statement(commands.LOCK_SPEC, textParameter(namespace), textParameter(name)));
  if (!row) throw new NoSuchWorkSpecError(name);
  return readSpecHead(row);
}

/** Where a schedule begins, or goes on. */
async function slotsOf(
  run: Run,
  namespaceId: number,
  name: string,
  schedule: Schedule,
): Promise<SlotState | undefined> {
  const [[row]] = await run(statement(LOCK_SCHEDULED, namespaceId, textParameter(name)));
  const head = row.slice(LOCKED_SCHEDULED.spec);
  const before = head[0] === null ? undefined : readSpecHead(head).meta;
  return definedSlots(
    schedule,
    { schedule: before?.flow?.schedule, slots: before?.slots },
    Number(row[LOCKED_SCHEDULED.now]),
  );
}

/** What a transaction does at its end that may have given a work spec a limit. */
function awaitClaims(namespaceId: number, name: string, { maxRunning, flow }: WorkSpecMeta): Statement[] {
  return maxRunning > 0 || hasLimits(flow) ? [statement(commands.AWAIT_CLAIMS, namespaceId, textParameter(name))] : [];
}

function readSpec(row: Row): WorkSpec {
  const { name, nameIsBytes, meta } = readSpecHead(row);
  return { name, nameIsBytes, data: bytesOf(row[commands.READ_SPEC.data]!), meta: { ...meta } };
}
