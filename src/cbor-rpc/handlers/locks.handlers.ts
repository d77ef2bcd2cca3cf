import { Controller } from '@nestjs/common';
import type { Encodable } from '../../cbor/index.js';
import { ByteString, CborReader, decodeValue, Major, RawCbor, skipTupleTag } from '../../cbor/index.js';
import { Config } from '../../config/config.js';
import type { Awaitable } from '../../domain/awaitable.js';
import { whenReady } from '../../domain/awaitable.js';
import { SECOND } from '../../domain/time.js';
import type { LockHolder, LockPath } from '../../domain/lock.js';
import { describeLockPath, lockPath, MAX_PATH_PARTS } from '../../locks/lock-path.js';
import { LocksService } from '../../locks/locks.service.js';
import { type AnswerPieces, LargeResult } from '../large-answer.js';
import type { ParamReader, ValueOf } from '../params/index.js';
import { byteName, list, number, optional, ParamError, params } from '../params/index.js';
import type { RpcResult } from '../results.js';
import { RpcMethod } from '../rpc-method.decorator.js';
import { shown } from '../shown.js';
import type { Answer } from './answers.js';
import { answer, quotedName, refusal } from './answers.js';

/** A path to lock, and how its client spelt it. */
interface SpeltPath {
  path: LockPath;
  spelling: Buffer;
}

/** Longest path, as its client spells it: that of 64 parts of the length of a name. */
const MAX_PATH_BYTES = 64 * 1024;
/** Answers on more paths are made in slices. */
const MANY_PATHS = 1_000;

const speltPath: ParamReader<SpeltPath> = {
  read(reader) {
    const spelling = reader.readRaw();
    if (spelling.length > MAX_PATH_BYTES) throw new ParamError(`has more than ${MAX_PATH_BYTES} bytes`);
    if (partsOf(spelling) > MAX_PATH_PARTS) throw new ParamError(`has more than ${MAX_PATH_PARTS} parts`);
    return { path: lockPath(decodeValue(spelling)), spelling };
  },
};

const timedParams = params({ locker_id: byteName, timeout: optional(number), keys: list(speltPath) });
const readParams = params({ keys: list(speltPath) });
const unlockParams = params({ locker_id: byteName, keys: list(speltPath) });
const dropParams = params({ prefix: speltPath });

@Controller()
export class LocksHandlers {
  constructor(
    private readonly config: Config,
    private readonly locks: LocksService,
  ) {}

  @RpcMethod('lock', timedParams)
  lock({ locker_id, timeout, keys }: ValueOf<typeof timedParams>): Awaitable<Answer> {
    const refused = this.locks.lock(this.config.namespace, locker_id, micros(timeout), paths(keys));
    return whenReady(refused, (path) =>
      path ? refusal(false, `${shown(describeLockPath(path))} is not lockable`) : answer(true),
    );
  }

  @RpcMethod('locksome', timedParams)
  lockSome({ locker_id, timeout, keys }: ValueOf<typeof timedParams>): Awaitable<RpcResult> {
    const locked = this.locks.lockSome(this.config.namespace, locker_id, micros(timeout), paths(keys));
    const spelt = (done: boolean, index: number): Encodable => (done ? new RawCbor(keys[index].spelling) : null);
    return whenReady(locked, (flags): RpcResult => {
      if (flags.length <= MANY_PATHS) return answer(flags.map(spelt));
      return new LargeResult(async (to) => {
        to.out.writeArrayHead(2);
        await writeEach(to, flags, spelt);
        to.out.writeNull();
      });
    });
  }

  @RpcMethod('renew', timedParams)
  renew({ locker_id, timeout, keys }: ValueOf<typeof timedParams>): Awaitable<Answer> {
    return whenReady(this.locks.renew(this.config.namespace, locker_id, micros(timeout), paths(keys)), heldAnswer);
  }

  @RpcMethod('readlock', readParams)
  read({ keys }: ValueOf<typeof readParams>): Awaitable<RpcResult> {
    const named = (holder: string | undefined): Encodable => (holder === undefined ? null : new ByteString(holder));
    return whenReady(this.locks.read(this.config.namespace, paths(keys)), (holders): RpcResult =>
      holders.length <= MANY_PATHS ? holders.map(named) : new LargeResult((to) => writeEach(to, holders, named)),
    );
  }

  @RpcMethod('unlock', unlockParams)
  unlock({ locker_id, keys }: ValueOf<typeof unlockParams>): Awaitable<Answer> {
    return whenReady(this.locks.unlock(this.config.namespace, locker_id, paths(keys)), heldAnswer);
  }

  @RpcMethod('delete_namespace', dropParams)
  drop({ prefix }: ValueOf<typeof dropParams>): Awaitable<number> {
    return whenReady(this.locks.drop(this.config.namespace, prefix.path), () => 0);
  }
}

/** How many parts a path has: a list or a tuple has its items, anything else is one. */
function partsOf(spelling: Buffer): number {
  const reader = new CborReader(spelling);
  skipTupleTag(reader);
  if (reader.peekMajor() !== Major.Array) return 1;
  let parts = 0;
  for (let left = reader.enterArray(); parts <= MAX_PATH_PARTS && reader.hasMore(left); left--) {
    reader.skip();
    parts++;
  }
  return parts;
}

async function writeEach<T>(
  to: AnswerPieces,
  items: readonly T[],
  shown: (item: T, index: number) => Encodable,
): Promise<void> {
  to.out.writeArrayHead(items.length);
  for (let index = 0; index < items.length; index++) {
    to.out.writeValue(shown(items[index], index));
    await to.turn(1);
  }
}

function heldAnswer(other: LockHolder | undefined): Answer {
  if (!other) return answer(true);
  const holder = other.holder === undefined ? 'nobody' : quotedName(other.holder);
  return refusal(false, `${shown(describeLockPath(other.path))} is held by ${holder}`);
}

function micros(timeout: number | undefined): number | undefined {
  return timeout === undefined ? undefined : timeout * SECOND;
}

function paths(keys: readonly SpeltPath[]): LockPath[] {
  return keys.map(({ path }) => path);
}
