import { Controller } from '@nestjs/common';
import type { Encodable } from '../../cbor/index.js';
import type { Awaitable } from '../../domain/awaitable.js';
import { whenReady } from '../../domain/awaitable.js';
import { Clock } from '../../domain/time.js';
import { RpcMethod } from '../rpc-method.decorator.js';
import { seconds } from './answers.js';
import { NOW } from './daemon.methods.js';

/** What clients ask about the daemon's time, which is its storage's. */
@Controller()
export class ClockHandlers {
  constructor(private readonly clock: Clock) {}

  /** @returns Unix seconds, with their fraction */
  @RpcMethod(NOW)
  now(): Awaitable<Encodable> {
    return whenReady(this.clock.now(), seconds);
  }
}
