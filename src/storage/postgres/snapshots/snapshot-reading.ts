import { expireDetached } from '../../../domain/attempt-rules.js';
import { ATTEMPT_STATUSES } from '../../../domain/attempt.js';
import { failureCause, OTHER } from '../../../domain/cause.js';
import type { ByteName } from '../../../domain/names.js';
import type { SnapshotAttempt, SnapshotRecord, SnapshotRecords, SnapshotWorker } from '../../../domain/snapshot.js';
import type { Micros } from '../../../domain/time.js';
import { isWorkerActive } from '../../../domain/worker-rules.js';
import { CAUSE_TEXTS } from '../sql/causes.sql.js';
import * as commands from '../sql/snapshots.sql.js';
import { readSpecHead } from '../units/spec-head.js';
import { AttemptImage, NO_HOLDER } from '../units/attempt-image.js';
import { dataOf, UnitImage } from '../units/unit-image.js';
import type { Connection } from '../wire/connection.js';
import type { Row, Sql } from '../wire/statement.js';
import { statement } from '../wire/statement.js';
import type { Parameter } from '../wire/statement.js';
import { byteNameOfRow, bytesOf, textOfRow } from '../wire/values.js';

/** So many rows are asked for at a time, at most. */
const PAGE = 1000;
/** They have so many bytes of data at most, if one of them has not more. */
const PAGE_BYTES = 4 << 20;
/** Behind a name it makes the next one, bytewise. */
const SMALLEST = Buffer.of(0);

/** Everything that the transaction of a connection sees. */
export async function* readSnapshot(connection: Connection): SnapshotRecords & AsyncGenerator<SnapshotRecord[]> {
  const ask = async (command: Sql, ...values: Parameter[]): Promise<Row[]> =>
    (await connection.run([statement(command, ...values)]))[0];
  const [[nowText, lastNumber, units]] = await ask(commands.SNAPSHOT_HEAD);
  const now = Number(nowText);
  yield [{ kind: 'head', takenAt: now, lastAttemptNumber: Number(lastNumber), units: Number(units) }];
  for await (const namespaces of pages(ask, commands.SNAPSHOT_NAMESPACES, [], commands.SNAPSHOT_NAMESPACE.name)) {
    for (const row of namespaces) {
      const id = Number(row[commands.SNAPSHOT_NAMESPACE.id]);
      yield [{ kind: 'namespace', name: textOfRow(row[commands.SNAPSHOT_NAMESPACE.name]!) }];
      yield* readSpecs(ask, id, now);
      yield* readWorkers(ask, id, now);
    }
  }
}

type Ask = (command: Sql, ...values: Parameter[]) => Promise<Row[]>;

/** Pages of rows by a name in one of their columns. */
async function* pages(ask: Ask, command: Sql, of: readonly Parameter[], nameAt: number): AsyncGenerator<Row[]> {
  for (let first: Buffer = Buffer.alloc(0); ;) {
    const rows = await ask(command, ...of, first, PAGE, PAGE_BYTES);
    if (rows.length > 0) yield rows;
    if (areAll(rows)) return;
    first = Buffer.concat([bytesOf(rows.at(-1)![nameAt]!), SMALLEST]);
  }
}

/** Whether there are no more rows behind those of a page. */
function areAll(rows: readonly Row[]): boolean {
  const inWindow = rows.length === 0 ? 0 : Number(rows[0].at(-1));
  return inWindow < PAGE && rows.length === inWindow;
}

async function* readSpecs(ask: Ask, namespaceId: number, now: Micros): AsyncGenerator<SnapshotRecord[]> {
  const { data, name, bucket } = commands.SNAPSHOT_SPEC;
  for await (const rows of pages(ask, commands.SNAPSHOT_SPECS, [namespaceId], name)) {
    for (const row of rows) {
      const head = readSpecHead(row);
      const definition = {
        name: head.name,
        nameIsBytes: head.nameIsBytes,
        data: bytesOf(row[data]!),
        meta: { ...head.meta },
      };
      const fullAt = head.meta.flow?.rateLimit && row[bucket] !== null ? Number(row[bucket]) : -Infinity;
      yield [{ kind: 'work spec', definition, ...(fullAt > now && { fullAt }) }];
      yield* readUnits(ask, head.id, now);
    }
  }
}

async function* readUnits(ask: Ask, specId: number, now: Micros): AsyncGenerator<SnapshotRecord[]> {
  const causes = new Map((await ask(CAUSE_TEXTS, specId)).map(([cause, text]) => [Number(cause), textOfRow(text!)]));
  for await (const rows of pages(ask, commands.SNAPSHOT_UNITS, [specId], commands.SNAPSHOT_UNIT.unit)) {
    const history = new History(ask, specId, rows, now);
    let records: SnapshotRecord[] = [];
    for (const row of rows) {
      const unit = UnitImage.read(specId, row, commands.SNAPSHOT_UNIT.unit, now);
      records.push({
        kind: 'work unit',
        name: unit.name,
        data: bytesOf(row[commands.SNAPSHOT_UNIT.data]!),
        priority: unit.priority,
        notBefore: unit.notBefore,
        status: unit.status,
        moment: unit.moment,
        tries: unit.tries,
        failures: unit.failures || undefined,
        lapse: unit.lapse,
        cause: namedCause(unit, row, causes),
      });
      for (let past = await history.next(unit.name); past; past = await history.next(unit.name)) {
        records.push(past);
        if (records.length < PAGE) continue;
        yield records;
        records = [];
      }
      if (unit.latest) records.push(latestOf(unit.latest, row));
    }
    yield records;
  }
}

/** Why a unit failed, where its data do not say so: who reads the record finds out what they say. */
function namedCause({ cause, newCause }: UnitImage, row: Row, causes: ReadonlyMap<number, string>): string | undefined {
  // What has failed by its lease only now is in no counter yet.
  const text = newCause ?? (cause === undefined ? undefined : causes.get(cause));
  if (text === undefined || text === '' || text === OTHER) return undefined;
  return text === failureCause({ data: dataOf(row[commands.SNAPSHOT_UNIT.attemptData]) }) ? undefined : text;
}

function latestOf(attempt: AttemptImage, row: Row): SnapshotAttempt {
  const data = dataOf(row[commands.SNAPSHOT_UNIT.attemptData]);
  const startData = data ? undefined : dataOf(row[commands.SNAPSHOT_UNIT.attemptStartData]);
  return { ...attemptOf(attempt), data, startData };
}

function attemptOf(attempt: AttemptImage): SnapshotAttempt {
  const { number, worker, status, start, end, expiration, late } = attempt;
  return { kind: 'attempt', number, worker, status, start, end, expiration, late };
}

/** The attempts of a page of units that others have come after, in the order of the units. */
class History {
  private rows: Row[] = [];
  private at = 0;
  private done = false;
  private after: { unit: Buffer; number: number };
  private readonly last: Buffer;

  constructor(
    private readonly ask: Ask,
    private readonly specId: number,
    units: readonly Row[],
    private readonly now: Micros,
  ) {
    const name = commands.SNAPSHOT_UNIT.unit;
    this.after = { unit: bytesOf(units[0][name]!), number: 0 };
    this.last = bytesOf(units.at(-1)![name]!);
  }

  /** The next one, if it is of that unit. */
  async next(unit: ByteName): Promise<SnapshotAttempt | undefined> {
    if (this.at === this.rows.length && !this.done) await this.load();
    const row = this.rows[this.at];
    const at = commands.SNAPSHOT_ATTEMPT;
    if (row === undefined || byteNameOfRow(row[at.unit]!) !== unit) return undefined;
    this.at++;
    const attempt = new AttemptImage(
      NO_HOLDER,
      Number(row[at.number]),
      byteNameOfRow(row[at.worker]!),
      Number(row[at.start]),
      Number(row[at.end]),
      Number(row[at.expiration]),
      ATTEMPT_STATUSES[Number(row[at.status])],
      false,
    );
    expireDetached(attempt, this.now);
    return { ...attemptOf(attempt), data: bytesOf(row[at.data]!) };
  }

  private async load(): Promise<void> {
    const { unit, number } = this.after;
    this.rows = await this.ask(commands.SNAPSHOT_ATTEMPTS, this.specId, unit, number, this.last, PAGE, PAGE_BYTES);
    this.at = 0;
    const row = this.rows.at(-1);
    const at = commands.SNAPSHOT_ATTEMPT;
    this.done = areAll(this.rows);
    if (row) this.after = { unit: bytesOf(row[at.unit]!), number: Number(row[at.number]) };
  }
}

async function* readWorkers(ask: Ask, namespaceId: number, now: Micros): AsyncGenerator<SnapshotRecord[]> {
  for await (const rows of pages(ask, commands.SNAPSHOT_WORKERS, [namespaceId], commands.SNAPSHOT_WORKER.name)) {
    yield rows.map((row) => readWorker(row, now));
  }
}

function readWorker(row: Row, now: Micros): SnapshotWorker {
  const at = commands.SNAPSHOT_WORKER;
  const text = (column: keyof typeof at): string => row[at[column]]!;
  const orNothing = <T>(column: keyof typeof at, read: (text: string) => T): T | undefined => {
    const found = row[at[column]];
    return found === null ? undefined : read(found);
  };
  const deactivated = text('deactivated') === 't';
  const expiration = Number(text('expiration'));
  const workSpec = orNothing('claimSpec', textOfRow);
  const first = orNothing('claimFirst', Number);
  return {
    kind: 'worker',
    name: byteNameOfRow(text('name')),
    parent: orNothing('parent', byteNameOfRow),
    mode: textOfRow(text('mode')),
    data: bytesOf(text('data')),
    lastUpdate: Number(text('lastUpdate')),
    expiration,
    deactivated,
    inactiveSince: isWorkerActive({ deactivated, expiration }, now) ? undefined : Number(text('inactiveAt')),
    reported: text('reported') === 't',
    lastClaim: orNothing('lastClaim', Number),
    claim:
      workSpec === undefined || first === undefined ? undefined : { workSpec, first, last: Number(text('claimLast')) },
  };
}
