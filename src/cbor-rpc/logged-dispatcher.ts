import type { CborReader } from '../cbor/index.js';
import type { Awaitable } from '../domain/awaitable.js';
import { StorageUnavailableError } from '../domain/errors.js';
import { Dispatcher, isExpected, type WriteAnswer } from './dispatcher.js';
import type { ListAnswer } from './list-answer.js';
import type { MemoryGate } from './memory-gate.js';
import type { MethodTable } from './method-table.js';
import type { Peer } from './peer.js';
import type { Request } from './request.js';
import type { ResponseWriter } from './response-writer.js';
import type { RpcLogEntry, RpcRequestLog } from './rpc-request-log.js';
import type { RpcAudit } from './rpc-audit.js';
import type { RpcResult } from './results.js';
import type { RpcStatistics } from './rpc-statistics.js';
import { shownItem } from './shown.js';

/** A dispatcher that tells the log about each request. It is a class of its own so that the log costs nothing when off. */
export class LoggedDispatcher extends Dispatcher {
  /** How many bytes large answers have, until they are logged. */
  private readonly sizes = new WeakMap<Request, number>();
  /** The errors that requests were answered with, until they are logged. */
  private readonly errors = new WeakMap<Request, unknown>();

  /** When requests of lists were begun, in milliseconds of the monotonic clock. */
  private readonly begun = new WeakMap<Request, number>();

  constructor(
    methods: MethodTable,
    out: ResponseWriter,
    statistics: RpcStatistics,
    onDefect: (error: unknown) => void,
    gate: MemoryGate,
    audit: RpcAudit,
    private readonly log: RpcRequestLog,
  ) {
    super(methods, out, statistics, onDefect, gate, audit);
  }

  override refuse(bytes: Buffer, start: number, end: number, reason: string, peer: Peer): void {
    const before = this.out.length;
    super.refuse(bytes, start, end, reason, peer);
    this.log.rpc({
      id: null,
      method: undefined,
      client: peer.caller.address,
      outcome: 'error',
      error: 'ProtocolError',
      bytes: this.out.length - before,
      duration: 0,
    });
  }

  protected override answerOne(request: Request, peer: Peer, reader?: CborReader): Promise<WriteAnswer> | undefined {
    const begun = performance.now();
    const before = this.out.length;
    const later = super.answerOne(request, peer, reader);
    if (later === undefined) {
      this.note(request, peer, begun, this.out.length - before);
      return undefined;
    }
    return later.then((write) => (isGone) => {
      const length = this.out.length;
      write(isGone);
      this.note(request, peer, begun, this.sizes.get(request) ?? this.out.length - length);
    });
  }

  protected override noteLarge(request: Request, bytes: number): void {
    this.sizes.set(request, bytes);
  }

  protected override begin(request: Request, peer: Peer, reader?: CborReader): Awaitable<RpcResult> {
    this.begun.set(request, performance.now());
    return super.begin(request, peer, reader);
  }

  protected override async respondApart(
    request: Request,
    result: Awaitable<RpcResult>,
    peer: Peer,
    list: ListAnswer,
  ): Promise<number> {
    const begun = this.begun.get(request) ?? performance.now();
    const bytes = await super.respondApart(request, result, peer, list);
    this.note(request, peer, begun, bytes);
    return bytes;
  }

  protected override writeError(request: Request, error: unknown): void {
    this.errors.set(request, error);
    super.writeError(request, error);
  }

  private note(request: Request, { caller }: Peer, begun: number, bytes: number): void {
    const failed = this.errors.has(request);
    const error = this.errors.get(request);
    this.log.rpc({
      id: shownItem(request.bytes, request.idStart, request.idEnd),
      method: methodOf(request),
      client: caller.address,
      outcome: failed ? outcomeOf(error) : 'ok',
      error: failed ? kindOf(error) : undefined,
      bytes,
      duration: performance.now() - begun,
    });
  }
}

function methodOf(request: Request): string | undefined {
  if (request.method !== undefined) return request.method.name;
  const name = shownItem(request.bytes, request.methodStart, request.methodEnd);
  return name === null ? undefined : String(name);
}

function outcomeOf(error: unknown): RpcLogEntry['outcome'] {
  if (error instanceof StorageUnavailableError) return 'unavailable';
  return isExpected(error) ? 'error' : 'failed';
}

function kindOf(error: unknown): string {
  return error instanceof Error ? error.name : 'Error';
}
