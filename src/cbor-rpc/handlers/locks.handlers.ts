import { Controller } from '@nestjs/common';
import type { CallerHere } from '../../access/caller.js';
import type { Encodable } from '../../cbor/index.js';
import { ByteString, RawCbor } from '../../cbor/index.js';
import type { Awaitable } from '../../domain/awaitable.js';
import { whenReady } from '../../domain/awaitable.js';
import { SECOND } from '../../domain/time.js';
import type { LockHolder, LockPath } from '../../domain/lock.js';
import { describeLockPath } from '../../locks/lock-path.js';
import { LocksService } from '../../locks/locks.service.js';
import { type AnswerPieces, LargeResult } from '../large-answer.js';
import type { RpcResult } from '../results.js';
import { type ParamsOf, RpcMethod } from '../rpc-method.decorator.js';
import { shown } from '../shown.js';
import type { Answer } from './answers.js';
import { answer, quotedName, refusal } from './answers.js';
import { DELETE_NAMESPACE, LOCK, LOCKSOME, READLOCK, RENEW, type SpeltPath, UNLOCK } from './locks.methods.js';

/** Answers on more paths are made in slices. */
const MANY_PATHS = 1_000;

@Controller()
export class LocksHandlers {
  constructor(private readonly locks: LocksService) {}

  @RpcMethod(LOCK)
  lock({ namespace }: CallerHere, { locker_id, timeout, keys }: ParamsOf<typeof LOCK>): Awaitable<Answer> {
    const refused = this.locks.lock(namespace, locker_id, micros(timeout), paths(keys));
    return whenReady(refused, (path) =>
      path ? refusal(false, `${shown(describeLockPath(path))} is not lockable`) : answer(true),
    );
  }

  @RpcMethod(LOCKSOME)
  lockSome({ namespace }: CallerHere, { locker_id, timeout, keys }: ParamsOf<typeof LOCKSOME>): Awaitable<RpcResult> {
    const locked = this.locks.lockSome(namespace, locker_id, micros(timeout), paths(keys));
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

  @RpcMethod(RENEW)
  renew({ namespace }: CallerHere, { locker_id, timeout, keys }: ParamsOf<typeof RENEW>): Awaitable<Answer> {
    return whenReady(this.locks.renew(namespace, locker_id, micros(timeout), paths(keys)), heldAnswer);
  }

  @RpcMethod(READLOCK)
  read({ namespace }: CallerHere, { keys }: ParamsOf<typeof READLOCK>): Awaitable<RpcResult> {
    const named = (holder: string | undefined): Encodable => (holder === undefined ? null : new ByteString(holder));
    return whenReady(this.locks.stored.read(namespace, paths(keys)), (holders): RpcResult =>
      holders.length <= MANY_PATHS ? holders.map(named) : new LargeResult((to) => writeEach(to, holders, named)),
    );
  }

  @RpcMethod(UNLOCK)
  unlock({ namespace }: CallerHere, { locker_id, keys }: ParamsOf<typeof UNLOCK>): Awaitable<Answer> {
    return whenReady(this.locks.stored.unlock(namespace, locker_id, paths(keys)), heldAnswer);
  }

  @RpcMethod(DELETE_NAMESPACE)
  drop({ namespace }: CallerHere, { prefix }: ParamsOf<typeof DELETE_NAMESPACE>): Awaitable<number> {
    return whenReady(this.locks.stored.drop(namespace, prefix.path), () => 0);
  }
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
