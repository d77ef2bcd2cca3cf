import type { ByteName } from '../../../domain/names.js';
import { bytesOfName } from '../../../domain/names.js';
import type {
  SnapshotAttempt,
  SnapshotRecord,
  SnapshotSpec,
  SnapshotUnit,
  SnapshotWorker,
} from '../../../domain/snapshot.js';
import type { Flow } from '../../../domain/flow/flow.js';
import { hasLimits } from '../../../domain/flow/hold-back.js';
import type { Micros } from '../../../domain/time.js';
import { StorageNotEmptyError } from '../../../domain/snapshot.js';
import { noCounts } from '../../../domain/work-unit.js';
import { WRITE_SLOTS } from '../sql/schedules.sql.js';
import * as commands from '../sql/snapshots.sql.js';
import { ENSURE_NAMESPACES, FIND_NAMESPACES } from '../sql/specs.sql.js';
import { attemptStatusCode, unitStatusCode } from '../units/codes.js';
import { RestoredCauses } from './restored-causes.js';
import { slotParameters } from '../units/slot-columns.js';
import { setLimits } from '../units/spec-limits.js';
import { specParameters } from '../units/spec-parameters.js';
import { boolColumn, byteaColumn, float8Column, int8Column } from '../wire/columns.js';
import type { Connection } from '../wire/connection.js';
import type { Parameter, Row, Sql } from '../wire/statement.js';
import { statement } from '../wire/statement.js';
import { textParameter } from '../wire/values.js';

/** So many rows of one table are written at a time, at most. */
const ROWS = 1000;
/** They have about so many bytes of data, at most. */
const BYTES = 4 << 20;

interface RestoredUnit {
  readonly unit: SnapshotUnit;
  latest: SnapshotAttempt | undefined;
  attempts: number;
}

interface PastAttempt {
  readonly unit: SnapshotUnit;
  readonly attempt: SnapshotAttempt;
}

/** Puts a snapshot into the database by the transaction of a connection. */
export class SnapshotRestoring {
  private namespaceId = 0;
  private specs = new Map<string, number>();
  private specId = 0;
  private counts = noCounts();
  private causes = new RestoredCauses();
  private hasSpec = false;
  private units: RestoredUnit[] = [];
  private past: PastAttempt[] = [];
  private workers: SnapshotWorker[] = [];
  private bytes = 0;

  constructor(private readonly connection: Connection) {}

  /** @throws StorageNotEmptyError */
  async begin(): Promise<void> {
    await this.run(commands.LOCK_STORAGE);
    const [[isUsed]] = await this.run(commands.IS_USED);
    if (isUsed === 't') throw new StorageNotEmptyError();
  }

  async take(record: SnapshotRecord): Promise<void> {
    switch (record.kind) {
      case 'head':
        if (record.lastAttemptNumber > 0) await this.run(commands.SKIP_NUMBERS, record.lastAttemptNumber);
        return;
      case 'namespace':
        await this.end();
        return this.takeNamespace(textParameter(record.name));
      case 'work spec':
        await this.endSpec();
        return this.takeSpec(record);
      case 'work unit':
        // A unit is written with its latest attempt, so not before the next one comes.
        if (this.isFull) await this.flush();
        this.counts[record.status]++;
        this.bytes += record.data.length;
        this.units.push({ unit: record, latest: undefined, attempts: 0 });
        return;
      case 'attempt':
        return this.takeAttempt(record);
      case 'worker':
        await this.endSpec();
        this.workers.push(record);
        this.bytes += record.data.length;
        if (this.isFull) await this.flush();
    }
  }

  /** Writes what is left. */
  async end(): Promise<void> {
    await this.endSpec();
    await this.flush();
  }

  private get isFull(): boolean {
    const rows = Math.max(this.units.length, this.past.length, this.workers.length);
    return rows >= ROWS || this.bytes >= BYTES;
  }

  private async takeNamespace(name: Buffer): Promise<void> {
    const names = byteaColumn([name]);
    await this.run(ENSURE_NAMESPACES, names);
    const [[id]] = await this.run(FIND_NAMESPACES, names);
    this.namespaceId = Number(id);
    this.specs = new Map();
  }

  private async takeSpec({ definition, fullAt }: SnapshotSpec): Promise<void> {
    const [[id]] = await this.run(commands.RESTORE_SPEC, this.namespaceId, ...specParameters(definition));
    const { flow } = definition.meta;
    if (hasLimits(flow)) await this.takeLimits(definition.name, flow, fullAt);
    this.specId = Number(id);
    this.specs.set(definition.name, this.specId);
    const { slots } = definition.meta;
    if (slots) await this.run(WRITE_SLOTS, ...slotParameters(slots), this.specId);
    this.hasSpec = true;
  }

  private async takeLimits(name: string, flow: Flow, fullAt: Micros | undefined): Promise<void> {
    const bucket = fullAt === undefined ? undefined : { fullAt, now: fullAt };
    for (const { sql, values } of setLimits(this.namespaceId, name, flow, bucket)) await this.run(sql, ...values);
  }

  private async takeAttempt(attempt: SnapshotAttempt): Promise<void> {
    const last = this.units[this.units.length - 1];
    if (last.latest) this.past.push({ unit: last.unit, attempt: last.latest });
    last.latest = attempt;
    last.attempts++;
    this.bytes += attempt.data?.length ?? 0;
    // Of a unit with a long history, the part that is known to be past.
    if (this.past.length >= ROWS || this.bytes >= BYTES) await this.flushPast();
  }

  private async endSpec(): Promise<void> {
    if (!this.hasSpec) return;
    await this.flush();
    const { available, delayed, pending, finished, failed } = this.counts;
    await this.run(commands.RESTORE_COUNTS, this.specId, available, delayed, pending, finished, failed);
    const causes = this.causes.columns();
    if (causes) await this.run(commands.RESTORE_CAUSES, this.specId, ...causes);
    this.counts = noCounts();
    this.causes = new RestoredCauses();
    this.hasSpec = false;
  }

  private async flush(): Promise<void> {
    await this.flushPast();
    await this.flushUnits();
    await this.flushWorkers();
    this.bytes = 0;
  }

  private async flushPast(): Promise<void> {
    const rows = this.past.splice(0);
    if (rows.length === 0) return;
    const attempts = rows.map(({ attempt }) => attempt);
    await this.run(
      commands.RESTORE_ATTEMPTS,
      this.specId,
      byteaColumn(rows.map(({ unit }) => unit.name)),
      int8Column(attempts.map(({ number }) => number)),
      int8Column(attempts.map(({ start }) => start)),
      int8Column(attempts.map(({ end }) => end)),
      int8Column(attempts.map(({ expiration }) => expiration)),
      int8Column(attempts.map(({ status }) => attemptStatusCode(status))),
      byteaColumn(attempts.map(({ worker }) => worker)),
      byteaColumn(rows.map(({ unit, attempt }) => attempt.data ?? attempt.startData ?? unit.data)),
    );
    for (const { data } of attempts) this.bytes -= data?.length ?? 0;
  }

  private async flushUnits(): Promise<void> {
    const rows = this.units.splice(0);
    if (rows.length === 0) return;
    const units = rows.map(({ unit }) => unit);
    const of = <T>(read: (attempt: SnapshotAttempt) => T | undefined): (T | null)[] =>
      rows.map(({ latest }) => (latest && read(latest)) ?? null);
    await this.run(
      commands.RESTORE_UNITS,
      this.specId,
      byteaColumn(units.map(({ name }) => name)),
      // Minus the priority, and never minus zero, which sorts elsewhere.
      float8Column(units.map(({ priority }) => 0 - priority)),
      int8Column(units.map(({ moment }) => moment)),
      int8Column(units.map(({ notBefore }) => notBefore)),
      int8Column(units.map(({ tries }) => tries)),
      int8Column(rows.map(({ attempts }) => attempts)),
      int8Column(units.map(({ status }) => unitStatusCode(status))),
      byteaColumn(units.map(({ data }) => data)),
      int8Column(of(({ number }) => number)),
      int8Column(of(({ start }) => start)),
      int8Column(of(({ end }) => end)),
      int8Column(of(({ expiration }) => expiration)),
      int8Column(of(({ status }) => attemptStatusCode(status))),
      byteaColumn(of(({ worker }) => worker)),
      byteaColumn(of(({ data }) => data)),
      byteaColumn(of(({ startData }) => startData)),
      boolColumn(rows.map(({ latest }) => latest?.late ?? false)),
      int8Column(rows.map(({ unit, latest }) => this.causes.numberOf(unit, latest))),
      int8Column(units.map(({ failures }) => failures ?? 0)),
      int8Column(units.map(({ lapse }) => lapse ?? null)),
    );
  }

  private async flushWorkers(): Promise<void> {
    const rows = this.workers.splice(0);
    if (rows.length === 0) return;
    const nameOrNull = (name: ByteName | undefined): Buffer | null => (name === undefined ? null : bytesOfName(name));
    const specOf = ({ claim }: SnapshotWorker): number | null => (claim && this.specs.get(claim.workSpec)) ?? null;
    await this.run(
      commands.RESTORE_WORKERS,
      this.namespaceId,
      byteaColumn(rows.map(({ name }) => name)),
      byteaColumn(rows.map(({ parent }) => nameOrNull(parent))),
      byteaColumn(rows.map(({ mode }) => textParameter(mode))),
      byteaColumn(rows.map(({ data }) => data)),
      int8Column(rows.map(({ lastUpdate }) => lastUpdate)),
      int8Column(rows.map(({ expiration }) => expiration)),
      int8Column(rows.map(({ inactiveSince, expiration }) => inactiveSince ?? expiration)),
      boolColumn(rows.map(({ deactivated }) => deactivated)),
      boolColumn(rows.map(({ reported }) => reported)),
      int8Column(rows.map(({ lastClaim }) => lastClaim ?? null)),
      int8Column(rows.map(specOf)),
      int8Column(rows.map(({ claim }) => claim?.first ?? null)),
      int8Column(rows.map(({ claim }) => claim?.last ?? null)),
    );
  }

  private async run(command: Sql, ...values: Parameter[]): Promise<Row[]> {
    return (await this.connection.run([statement(command, ...values)]))[0];
  }
}
