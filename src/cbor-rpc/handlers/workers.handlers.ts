import { Controller } from '@nestjs/common';
import type { CallerHere } from '../../access/caller.js';
import type { Encodable } from '../../cbor/index.js';
import { ByteString, RawCbor, withEntries } from '../../cbor/index.js';
import type { Awaitable } from '../../domain/awaitable.js';
import { whenReady } from '../../domain/awaitable.js';
import type { ByteName } from '../../domain/names.js';
import type { Micros } from '../../domain/time.js';
import { DAY, SECOND } from '../../domain/time.js';
import { EMPTY_DATA } from '../../domain/data.js';
import type { ClaimedUnit, WorkerSummary } from '../../domain/worker.js';
import { WorkersService } from '../../workers/workers.service.js';
import { Slices } from '../../timing/slices.js';
import { LargeResult } from '../large-answer.js';
import type { Peer } from '../peer.js';
import { type ParamsOf, RpcMethod } from '../rpc-method.decorator.js';
import type { RpcResult } from '../results.js';
import type { Answer } from './answers.js';
import { answer, quotedName, refusal, seconds, specName } from './answers.js';
import {
  GET_CHILD_WORK_UNITS,
  GET_WORKER_INFO,
  LIST_WORKER_MODES,
  MODE_COUNTS,
  WORKER_HEARTBEAT,
  WORKER_STATS,
  WORKER_UNREGISTER,
} from './workers.methods.js';

const DEFAULT_EXPIRY: Micros = 300 * SECOND;
const EXPIRY_OF_TOO_LONG: Micros = 3600 * SECOND;

/** Answers about more than so many workers or units are made in slices. */
const MANY = 1_000;
/** So many bytes of data take as long as a worker. */
const BYTES_PER_STEP = 1_024;

@Controller()
export class WorkersHandlers {
  constructor(private readonly workers: WorkersService) {}

  @RpcMethod(WORKER_HEARTBEAT)
  heartbeat(
    { namespace }: CallerHere,
    { worker_id, mode, expire_seconds, data, parent }: ParamsOf<typeof WORKER_HEARTBEAT>,
    peer: Peer,
  ): Awaitable<Answer> {
    peer.speaksFor(worker_id);
    const { lifetime, message } = expiry(expire_seconds);
    const change = { parent: parent || null, update: { mode, data: data ?? EMPTY_DATA, lifetime } };
    return whenReady(this.workers.change(namespace, worker_id, change), () =>
      message === undefined ? answer(true) : refusal(true, message),
    );
  }

  @RpcMethod(WORKER_UNREGISTER)
  unregister({ namespace }: CallerHere, { worker_id }: ParamsOf<typeof WORKER_UNREGISTER>): Awaitable<Answer> {
    return whenReady(this.workers.stored.deactivate(namespace, worker_id), (known) =>
      known ? answer(true) : refusal(false, `no worker ${quotedName(worker_id)}`),
    );
  }

  @RpcMethod(LIST_WORKER_MODES)
  modes({ namespace }: CallerHere): Awaitable<RpcResult> {
    return whenReady(this.active(namespace), (workers): RpcResult => {
      const pair = ({ name, mode }: WorkerSummary): [Encodable, Encodable] => [
        new ByteString(name),
        ByteString.ofText(mode),
      ];
      if (workers.length <= MANY) return answer(new Map(workers.map(pair)));
      return largeMap(workers, pair);
    });
  }

  @RpcMethod(MODE_COUNTS)
  modeCounts({ namespace }: CallerHere): Awaitable<Answer> {
    return whenReady(this.active(namespace), async (workers) => {
      const slices = new Slices();
      const counts = new Map<string, number>();
      for (const { mode } of workers) {
        counts.set(mode, (counts.get(mode) ?? 0) + 1);
        if (slices.isOver()) await slices.next();
      }
      return answer(new Map([...counts].map(([mode, count]) => [ByteString.ofText(mode), count])));
    });
  }

  @RpcMethod(GET_WORKER_INFO)
  async info({ namespace }: CallerHere, { worker_id }: ParamsOf<typeof GET_WORKER_INFO>): Promise<Answer> {
    const found = await this.workers.activeOne(namespace, worker_id);
    if (!found) return answer(null);
    const { worker, age } = found;
    return answer(new RawCbor(withEntries(worker.data, [[ByteString.ofText('age_seconds'), seconds(age)]])));
  }

  @RpcMethod(WORKER_STATS)
  stats({ namespace }: CallerHere): Awaitable<Encodable> {
    return whenReady(this.workers.stored.stats(namespace), ({ workers, children }) => ({
      num_workers: workers,
      num_children: children,
      num_expirable: workers,
    }));
  }

  @RpcMethod(GET_CHILD_WORK_UNITS)
  childWorkUnits(
    { namespace }: CallerHere,
    { worker_id }: ParamsOf<typeof GET_CHILD_WORK_UNITS>,
  ): Awaitable<RpcResult> {
    return whenReady(this.workers.stored.claimedByChildren(namespace, worker_id), (children): RpcResult => {
      let many = children.size;
      for (const units of children.values()) {
        for (const { data } of units) many += 1 + data.length / BYTES_PER_STEP;
        if (many > MANY) return largeChildren(children);
      }
      return answer(new Map([...children].map(([child, units]) => [new ByteString(child), units.map(claimedUnit)])));
    });
  }

  private active(namespace: string): Awaitable<WorkerSummary[]> {
    return this.workers.stored.list(namespace, { active: true, reported: true });
  }
}

/** How long a heartbeat counts, and what to say when that is not what was asked for. */
function expiry(asked: number | undefined): { lifetime: Micros; message?: string } {
  if (asked === undefined) return { lifetime: DEFAULT_EXPIRY };
  const lifetime = Math.round(asked * SECOND);
  if (lifetime < 0) {
    return {
      lifetime: DEFAULT_EXPIRY,
      message: `expire_seconds ${asked} is negative, using ${DEFAULT_EXPIRY / SECOND}`,
    };
  }
  if (lifetime > DAY) {
    const used = EXPIRY_OF_TOO_LONG;
    return { lifetime: used, message: `expire_seconds ${asked} is more than a day, using ${used / SECOND}` };
  }
  return { lifetime };
}

/** A map and a message, made one entry after another. */
function largeMap<T>(items: readonly T[], pair: (item: T) => [Encodable, Encodable]): LargeResult {
  return new LargeResult(async (to) => {
    to.out.writeArrayHead(2);
    to.out.writeMapHead(items.length);
    for (const item of items) {
      const [key, value] = pair(item);
      to.out.writeValue(key);
      to.out.writeValue(value);
      await to.turn(1);
    }
    to.out.writeNull();
  });
}

function largeChildren(children: ReadonlyMap<ByteName, readonly ClaimedUnit[]>): LargeResult {
  return new LargeResult(async (to) => {
    to.out.writeArrayHead(2);
    to.out.writeMapHead(children.size);
    for (const [child, units] of children) {
      to.out.writeBinary(child);
      to.out.writeArrayHead(units.length);
      for (const unit of units) {
        to.out.writeValue(claimedUnit(unit));
        await to.turn(unit.data.length);
      }
      await to.turn(1);
    }
    to.out.writeNull();
  });
}

function claimedUnit({ workSpec, nameIsBytes, workUnit, data, holder }: ClaimedUnit): Encodable {
  return {
    work_spec_name: specName(workSpec, nameIsBytes),
    work_unit_key: new ByteString(workUnit),
    work_unit_data: new RawCbor(data),
    worker_id: holder ? new ByteString(holder.worker) : null,
    expires: holder ? seconds(holder.expiration) : null,
  };
}
