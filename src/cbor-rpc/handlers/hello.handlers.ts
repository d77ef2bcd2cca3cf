import { Controller, Logger } from '@nestjs/common';
import type { CallerHere } from '../../access/caller.js';
import { Callers } from '../../access/callers.js';
import { UnknownCallerError } from '../../access/errors.js';
import type { Identity } from '../../access/identity.js';
import { rightsIn } from '../../access/right.js';
import type { Awaitable } from '../../domain/awaitable.js';
import { VERSION } from '../../version.js';
import type { Peer } from '../peer.js';
import { type ParamsOf, RpcMethod } from '../rpc-method.decorator.js';
import { shown } from '../shown.js';
import { type Answer, answer } from './answers.js';
import { HELLO } from './daemon.methods.js';

/** What a client cannot find out by trying, since options that a daemon does not know are passed over. */
const FEATURES = ['update_work_unit.delay'];

/** Who a connection is. */
@Controller()
export class HelloHandlers {
  private readonly logger = new Logger('access');

  constructor(private readonly callers: Callers) {}

  @RpcMethod(HELLO)
  hello(before: CallerHere, { options }: ParamsOf<typeof HELLO>, peer: Peer): Awaitable<Answer> {
    const learning = this.callers.learnFromHello(options, before);
    if (learning === undefined) return this.become(before, options, peer);
    return learning.then((learnt) => this.become(before, options, peer, learnt));
  }

  private become(
    before: CallerHere,
    options: ParamsOf<typeof HELLO>['options'],
    peer: Peer,
    learnt?: Identity,
  ): Answer {
    const caller = this.signIn(before, options, peer, learnt);
    peer.become(caller);
    const { name, address, namespace, rightsHere } = caller;
    if (options.client !== undefined) this.logger.debug(`${address} is ${name}, by ${shown(options.client)}`);
    const rights = rightsIn(rightsHere);
    const said = { version: VERSION, namespace, caller: name, rights, features: FEATURES };
    // Whoever says hello is a client of today, and reads text.
    return answer(new Map(Object.entries(said)));
  }

  /** Nobody whom nobody knows is heard again on the same connection. @throws UnknownCallerError, InvalidValueError */
  private signIn(
    before: CallerHere,
    options: ParamsOf<typeof HELLO>['options'],
    peer: Peer,
    learnt?: Identity,
  ): CallerHere {
    try {
      return this.callers.signIn(options, before, learnt);
    } catch (error) {
      if (error instanceof UnknownCallerError) peer.dismiss();
      throw error;
    }
  }
}
