import type { Audit, AuditLine } from '../access/audit.js';
import type { CallerHere } from '../access/caller.js';
import { DeniedError, UnknownCallerError } from '../access/errors.js';
import { OPEN } from '../access/need.js';
import type { Awaitable } from '../domain/awaitable.js';
import type { Note, RpcMethodEntry } from './method-table.js';
import type { Peer } from './peer.js';
import type { Request } from './request.js';
import type { RpcResult } from './results.js';
import { shownItem } from './shown.js';

/** Who is refused, and what the log is told of requests that change much or were not let. */
export class RpcAudit {
  constructor(private readonly audit: Audit) {}

  /** What a request hears whose caller does not have the right that its method needs. */
  refusal(request: Request, method: RpcMethodEntry, peer: Peer): Error {
    const { right, statistics } = method;
    if (right === OPEN) throw new Error('what is open is refused to nobody');
    statistics.errors++;
    const { caller } = peer;
    const error = caller.deniedHere(right);
    // Nobody whom nobody knows is heard again on the same connection.
    if (error instanceof UnknownCallerError) peer.dismiss();
    else this.deny(request, method, caller, error);
    return error;
  }

  /** A request was refused for want of a right, or not; the log is told if so. */
  failed(request: Request, method: RpcMethodEntry, caller: CallerHere, error: unknown): void {
    if (error instanceof DeniedError) this.deny(request, method, caller, error);
  }

  /** Tells the log how a request ends. @param caller - who made it: another may speak on the connection by then */
  watch(
    request: Request,
    method: RpcMethodEntry,
    caller: CallerHere,
    carryOut: (note: Note) => Awaitable<RpcResult>,
  ): Awaitable<RpcResult> {
    const note: Note = {};
    const say = (outcome: 'ok' | 'error'): void =>
      this.audit.change(outcome, { ...lineOf(request, method, caller), ...note });
    let result: Awaitable<RpcResult>;
    try {
      result = carryOut(note);
    } catch (error) {
      say('error');
      throw error;
    }
    if (!(result instanceof Promise)) {
      say('ok');
      return result;
    }
    result.then(
      () => say('ok'),
      () => say('error'),
    );
    return result;
  }

  private deny(request: Request, method: RpcMethodEntry, caller: CallerHere, error: Error): void {
    const right = error instanceof DeniedError ? error.right : undefined;
    this.audit.deny(right, { ...lineOf(request, method, caller), reason: error.message });
  }
}

function lineOf({ bytes, idStart, idEnd }: Request, { name }: RpcMethodEntry, caller: CallerHere): AuditLine {
  const id = shownItem(bytes, idStart, idEnd);
  return {
    door: 'rpc',
    caller: caller.name,
    plugin: caller.identity.plugin,
    address: caller.address,
    action: name,
    namespace: caller.namespace,
    request: id === null ? undefined : String(id),
  };
}
