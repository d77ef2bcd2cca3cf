import { NoScheduleError, NoSuchWorkSpecError } from '../../domain/errors.js';
import { takeSlots, unitsOutOfTurn } from '../../domain/flow/slot-rules.js';
import { dueSlots, type DueSlots } from '../../domain/flow/slots.js';
import type { ByteName } from '../../domain/names.js';
import { MILLISECOND, ZERO_TIME, type Micros } from '../../domain/time.js';
import { putUnit } from '../../domain/unit-rules.js';
import type { NewWorkUnit } from '../../domain/work-unit.js';
import type { ScheduleLook } from '../../schedules/schedule.repository.js';
import { ScheduleRepository } from '../../schedules/schedule.repository.js';
import { inSlices, Slices } from '../../timing/slices.js';
import type { UnitTransaction } from './batches/unit-transaction.js';
import type { PostgresStore } from './postgres-store.js';
import { countedRows } from './reading/counting.js';
import * as commands from './sql/schedules.sql.js';
import { COUNT_SPEC, LOCK_SPEC } from './sql/specs-admin.sql.js';
import { bufferedParameter, slotParameters } from './units/slot-columns.js';
import { LatelySeen } from './units/lately-seen.js';
import { readSpecHead, type SpecHead } from './units/spec-head.js';
import { specThing } from './units/things.js';
import { unlessHeld } from './wire/failures.js';
import { ONCE } from './wire/held-things.js';
import type { Sql } from './wire/statement.js';
import { statement } from './wire/statement.js';
import { textOfRow, textParameter } from './wire/values.js';

/**
 * However far the next slot is, another daemon may have set a schedule and gone: it is looked so often, in milliseconds, should nobody have
 * seen that meanwhile by a sign of life.
 */
const LOOK_MS = 60_000;
/** Between two looks, in milliseconds, however soon the next slot is, or while what is buffered waits for units to end. */
const SHORTEST_MS = 20;
const BUFFERED_MS = 1_000;
/** Work specs read by one statement. */
const WINDOW = 100;

type Taken = Pick<ScheduleLook, 'made' | 'missed'>;
const NOTHING: Taken = { made: 0, missed: 0 };

/** What a look has come to so far. */
interface Looking {
  made: number;
  missed: number;
  nextInMs: number;
}

/** A work spec with a schedule, as it was when it was looked at. */
interface Scheduled {
  readonly namespace: string;
  readonly head: SpecHead;
}

export class PostgresScheduleRepository extends ScheduleRepository {
  /** Work specs that another session keeps locked for long. */
  private readonly held = new LatelySeen();

  constructor(private readonly store: PostgresStore) {
    super();
    store.slots.listener = () => this.scheduleSet();
  }

  override async startDue(): Promise<ScheduleLook> {
    const look = await this.startAll();
    this.store.slots.looked(look.nextInMs);
    return look;
  }

  private async startAll(): Promise<ScheduleLook> {
    const look = { made: 0, missed: 0, nextInMs: LOOK_MS };
    const passedOver = await this.startFree(look);
    for (const { scheduled, now } of passedOver) {
      if (this.held.has(scheduled.head.id)) continue;
      const isFree = await unlessHeld(false, async () => {
        note(look, (await this.start(scheduled, now, commands.WAIT_FOR_SLOTS)) ?? NOTHING);
        return true;
      });
      if (isFree) continue;
      // The others are not to wait for more than one such in a look.
      this.held.note([scheduled.head.id]);
      break;
    }
    return look;
  }

  /**
   * Starts what is due and nobody else holds.
   * @returns those that others held: claims do for a moment where there is a limit, one after another, so that they have to be waited for
   */
  private async startFree(look: Looking): Promise<{ scheduled: Scheduled; now: Micros }[]> {
    const passedOver: { scheduled: Scheduled; now: Micros }[] = [];
    for (let [due, id] = [ZERO_TIME, 0]; ;) {
      const rows = await this.store.pool.query(statement(commands.SCHEDULED_SPECS, due, id, WINDOW));
      for (const row of rows) {
        const head = readSpecHead(row);
        const now = Number(row[commands.SCHEDULED.now]);
        due = Number(row[commands.SCHEDULED.due]);
        ({ id } = head);
        if (due > now) {
          look.nextInMs = Math.min(look.nextInMs, Math.max(SHORTEST_MS, (due - now) / MILLISECOND));
          return passedOver;
        }
        const scheduled = { namespace: textOfRow(row[commands.SCHEDULED.namespace]!), head };
        const taken = await unlessHeld(NOTHING, () => this.start(scheduled, now, commands.LOCK_SLOTS));
        if (taken === undefined) passedOver.push({ scheduled, now });
        note(look, taken ?? NOTHING);
      }
      if (rows.length < WINDOW) return passedOver;
    }
  }

  /**
   * What is due is reckoned before; where the schedule has changed meanwhile, or another daemon was first, nothing is done.
   * @returns undefined: that is so, or another session holds it
   */
  private async start({ namespace, head }: Scheduled, now: Micros, lock: Sql): Promise<Taken | undefined> {
    const { flow, slots } = head.meta;
    // It is of a version that is not understood here.
    if (!flow?.schedule || !slots) return NOTHING;
    const due = slots.next > now ? undefined : await inSlices(dueSlots(flow.schedule, slots.next, now), new Slices());
    // Leases that have run out are no longer at work; whether they were is not for this transaction to settle.
    if (flow.schedule.overlap !== 'allow') {
      const name = [textParameter(namespace), textParameter(head.name)] as const;
      await countedRows(this.store, statement(COUNT_SPEC, ...name));
    }
    await this.store.know({ namespace, workSpec: head.name });
    return await this.store.unitTransaction((transaction) => take(transaction, head, due, lock), ONCE);
  }

  override async runNow(namespace: string, workSpec: string): Promise<ByteName> {
    await this.store.know({ namespace, workSpec });
    const wishes = { locks: [specThing(namespace, workSpec)] };
    return await this.store.unitTransaction(async (transaction) => {
      const [[row]] = await transaction.run([statement(LOCK_SPEC, textParameter(namespace), textParameter(workSpec))]);
      if (!row) throw new NoSuchWorkSpecError(workSpec);
      const { id, meta } = readSpecHead(row);
      if (!meta.slots) throw new NoScheduleError();
      await transaction.lock([], [id]);
      for (const unit of unitsOutOfTurn(meta.slots, transaction.now)) {
        if ((await addNew(transaction, id, [unit])) > 0) return unit.name;
      }
      throw new Error('there is always another millisecond');
    }, wishes);
  }
}

function note(look: Looking, { made, missed }: Taken): void {
  look.made += made;
  look.missed += missed;
  // What comes after it is not known before the next look.
  look.nextInMs = made + missed > 0 ? SHORTEST_MS : Math.min(look.nextInMs, BUFFERED_MS);
}

/** Takes what is due: the units, and how far the schedule is, are written with the commit. @returns undefined: it could not be locked */
async function take(
  transaction: UnitTransaction,
  { id, version, meta }: SpecHead,
  due: DueSlots | undefined,
  lock: Sql,
): Promise<Taken | undefined> {
  const { flow, slots } = meta;
  const [locked, [[undone]]] = await transaction.run([
    statement(lock, id, version, slots!.next, bufferedParameter(slots!.buffered)),
    statement(commands.COUNT_UNDONE, id),
  ]);
  if (locked.length === 0) return undefined;
  const step = takeSlots(flow!.schedule!, slots!, due, Number(undone) > 0);
  if (!step) return NOTHING;
  await addNew(transaction, id, step.units);
  await transaction.run([statement(commands.WRITE_SLOTS, ...slotParameters(step.state), id)]);
  return { made: step.units.length, missed: step.state.missed - slots!.missed };
}

/** Adds the units whose names are free. @returns how many */
async function addNew(transaction: UnitTransaction, id: number, units: readonly NewWorkUnit[]): Promise<number> {
  await transaction.lock(
    units.map(({ name }) => ({ workSpecId: id, name, withData: false })),
    [id],
  );
  const free = units.filter(({ name }) => !transaction.image(id, name));
  for (const unit of free) putUnit(transaction.unitsOf(id), unit, transaction.now);
  return free.length;
}
