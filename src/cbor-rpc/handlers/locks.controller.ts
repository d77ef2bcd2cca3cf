import { Controller } from '@nestjs/common';
import type { Encodable } from '../../cbor/index.js';
import { ByteString, decodeValue, RawCbor } from '../../cbor/index.js';
import { Config } from '../../config/config.js';
import type { Awaitable } from '../../domain/awaitable.js';
import { whenReady } from '../../domain/awaitable.js';
import { SECOND } from '../../domain/time.js';
import type { LockHolder, LockPath } from '../../domain/lock.js';
import { describeLockPath, lockPath } from '../../locks/lock-path.js';
import { LocksService } from '../../locks/locks.service.js';
import type { ParamReader, ValueOf } from '../params/index.js';
import { byteName, list, number, optional, params } from '../params/index.js';
import { RpcMethod } from '../rpc-method.decorator.js';
import type { Answer } from './answers.js';
import { answer, quotedName, refusal } from './answers.js';

/** A path to lock, and how its client spelt it. */
interface SpeltPath {
  path: LockPath;
  spelling: Buffer;
}

const speltPath: ParamReader<SpeltPath> = {
  read(reader) {
    const spelling = reader.readRaw();
    return { path: lockPath(decodeValue(spelling)), spelling };
  },
};

const timedParams = params({ locker_id: byteName, timeout: optional(number), keys: list(speltPath) });
const readParams = params({ keys: list(speltPath) });
const unlockParams = params({ locker_id: byteName, keys: list(speltPath) });
const dropParams = params({ prefix: speltPath });

@Controller()
export class LocksRpcController {
  constructor(
    private readonly config: Config,
    private readonly locks: LocksService,
  ) {}

  @RpcMethod('lock', timedParams)
  lock({ locker_id, timeout, keys }: ValueOf<typeof timedParams>): Awaitable<Answer> {
    const refused = this.locks.lock(this.config.namespace, locker_id, micros(timeout), paths(keys));
    return whenReady(refused, (path) =>
      path ? refusal(false, `${describeLockPath(path)} is not lockable`) : answer(true),
    );
  }

  @RpcMethod('locksome', timedParams)
  lockSome({ locker_id, timeout, keys }: ValueOf<typeof timedParams>): Awaitable<Answer> {
    const locked = this.locks.lockSome(this.config.namespace, locker_id, micros(timeout), paths(keys));
    return whenReady(locked, (flags) =>
      answer(flags.map((done, index) => (done ? new RawCbor(keys[index].spelling) : null))),
    );
  }

  @RpcMethod('renew', timedParams)
  renew({ locker_id, timeout, keys }: ValueOf<typeof timedParams>): Awaitable<Answer> {
    return whenReady(this.locks.renew(this.config.namespace, locker_id, micros(timeout), paths(keys)), heldAnswer);
  }

  @RpcMethod('readlock', readParams)
  read({ keys }: ValueOf<typeof readParams>): Awaitable<Encodable> {
    return whenReady(this.locks.read(this.config.namespace, paths(keys)), (holders) =>
      holders.map((holder) => (holder === undefined ? null : new ByteString(holder))),
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

function heldAnswer(other: LockHolder | undefined): Answer {
  if (!other) return answer(true);
  const holder = other.holder === undefined ? 'nobody' : quotedName(other.holder);
  return refusal(false, `${describeLockPath(other.path)} is held by ${holder}`);
}

function micros(timeout: number | undefined): number | undefined {
  return timeout === undefined ? undefined : timeout * SECOND;
}

function paths(keys: readonly SpeltPath[]): LockPath[] {
  return keys.map(({ path }) => path);
}
