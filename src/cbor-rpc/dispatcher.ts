import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CborError, CborReader, type Encodable } from '../cbor/index.js';
import type { Awaitable } from '../domain/awaitable.js';
import { CoordinateError, InvalidValueError } from '../domain/errors.js';
import type { ByteName } from '../domain/names.js';
import type { MethodTable } from './method-table.js';
import { isString, ParamError } from './params/index.js';
import { readMessage, type Request, salvageId } from './request.js';
import type { ResponseWriter } from './response-writer.js';
import { RpcError } from './rpc-error.js';
import type { MethodStatistics, RpcStatistics } from './rpc-statistics.js';

/** Writes an answer that had to be waited for. To be called once, when nobody else is in the middle of writing. */
export type WriteAnswer = () => void;

/** Who sent a message. */
export interface Peer {
  /** The address of its machine. */
  readonly address: string;
  /** A request of the peer's was made in the name of this worker. */
  speaksFor(worker: ByteName): void;
}

/** Where the peer of the request that is being carried out is known, for methods to look. */
export interface PeerWatch {
  current: Peer | undefined;
}

/** A list of requests lets others have their turn after so many milliseconds. */
const LIST_SLICE_MS = 10;

/** `[]`, in place of parameters that were not sent. */
const NO_PARAMS = Buffer.from([0x80]);

/**
 * Carries out messages: reads them, calls the methods, writes the responses. One serves all connections, since a message
 * that needs no waiting is dealt with in one go.
 */
export class Dispatcher {
  private readonly reader = new CborReader(NO_PARAMS);

  constructor(
    private readonly methods: MethodTable,
    protected readonly out: ResponseWriter,
    private readonly statistics: RpcStatistics,
    /** Told of errors that are neither a rule of the model nor the client's doing. */
    private readonly onDefect: (error: unknown) => void,
    /** Absent: nobody needs to know who asks. */
    private readonly watch?: PeerWatch,
  ) {}

  /**
   * Answers the message in bytes[start, end). The answer is written when this returns; or, when a promise comes back, it
   * is to be written once that is there. The requests of a list are carried out one after another.
   *
   * @param peer who asks
   * @throws CborError when the message is malformed or asks nothing; then nothing of it has been carried out
   */
  answer(bytes: Buffer, start: number, end: number, peer: Peer): Promise<WriteAnswer> | undefined {
    const message = readMessage(this.reader.reset(bytes, start, end), this.methods);
    return Array.isArray(message) ? this.answerList(message, peer) : this.answerOne(message, peer);
  }

  /** Writes the error response to input that is no message, of which bytes[start, end) is there. */
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- who it is from is for the log
  refuse(bytes: Buffer, start: number, end: number, reason: string, _peer: Peer): void {
    const frame = this.out.beginFrame();
    this.out.writeError(salvageId(this.reader.reset(bytes, start, end)), reason);
    this.out.endFrame(frame);
  }

  protected answerOne(request: Request, peer: Peer): Promise<WriteAnswer> | undefined {
    let result: Awaitable<Encodable>;
    try {
      if (this.watch !== undefined) this.watch.current = peer;
      result = this.call(request);
    } catch (error) {
      this.frameError(request, error);
      return undefined;
    }
    if (!(result instanceof Promise)) {
      this.frameResult(request, result);
      return undefined;
    }
    return result.then(
      (value) => () => this.frameResult(request, value),
      (error: unknown) => () => this.frameError(request, error),
    );
  }

  private async answerList(requests: readonly Request[], peer: Peer): Promise<WriteAnswer> {
    const responses: Buffer[] = [];
    let sliceEnd = performance.now() + LIST_SLICE_MS;
    for (const request of requests) {
      responses.push(await this.respondApart(request, peer));
      if (performance.now() > sliceEnd) {
        await nextTurn();
        sliceEnd = performance.now() + LIST_SLICE_MS;
      }
    }
    return () => {
      const frame = this.out.beginFrame();
      this.out.writeArrayHead(responses.length);
      for (const response of responses) this.out.writeRaw(response);
      this.out.endFrame(frame);
    };
  }

  /** The encoded response to a request of a list. */
  protected async respondApart(request: Request, peer: Peer): Promise<Buffer> {
    try {
      if (this.watch !== undefined) this.watch.current = peer;
      const result = await this.call(request);
      const before = this.out.length;
      this.writeResult(request, result);
      return this.out.cutFrom(before);
    } catch (error) {
      const before = this.out.length;
      this.writeError(request, error);
      return this.out.cutFrom(before);
    }
  }

  /** @throws what keeps the request from being carried out */
  private call(request: Request): Awaitable<Encodable> {
    const { method } = request;
    if (method === undefined) throw this.noMethod(request);
    const { statistics } = method;
    const begun = statistics.begin();
    let result: Awaitable<Encodable>;
    try {
      result = method.invoke(this.paramsOf(request));
    } catch (error) {
      statistics.errors++;
      statistics.end(begun);
      throw error;
    }
    if (result instanceof Promise) answersLater(result, statistics, begun);
    else statistics.end(begun);
    return result;
  }

  private noMethod(request: Request): RpcError {
    this.statistics.unknownMethods++;
    const name = new CborReader(request.bytes, Math.max(0, request.methodStart), request.methodEnd);
    if (request.methodStart < 0 || !isString(name)) return new RpcError('a request must name its method, a string');
    return new RpcError(`no such method ${JSON.stringify(name.readStringBytes().slice(0, 100))}`);
  }

  private paramsOf(request: Request): CborReader {
    if (request.paramsStart < 0) return this.reader.reset(NO_PARAMS);
    return this.reader.reset(request.bytes, request.paramsStart, request.paramsEnd);
  }

  private frameResult(request: Request, result: Encodable): void {
    const frame = this.out.beginFrame();
    this.writeResult(request, result);
    this.out.endFrame(frame);
  }

  private frameError(request: Request, error: unknown): void {
    const frame = this.out.beginFrame();
    this.writeError(request, error);
    this.out.endFrame(frame);
  }

  /** A result that cannot be encoded is an error like any other of the method. */
  private writeResult(request: Request, result: Encodable): void {
    const before = this.out.length;
    try {
      this.out.writeResult(request, result);
    } catch (error) {
      this.out.truncate(before);
      this.writeError(request, error);
    }
  }

  protected writeError(request: Request, error: unknown): void {
    if (!isExpected(error)) this.onDefect(error);
    const message = error instanceof Error ? error.message || error.name : String(error);
    this.out.writeError(request, error instanceof ParamError ? `${request.method?.name}: ${message}` : message);
  }
}

/** In a function of its own: where closures are made, all that they see is kept on the heap, for each call. */
function answersLater(result: Promise<unknown>, statistics: MethodStatistics, begun: number): void {
  const since = statistics.goesOn(begun);
  result.then(
    () => statistics.endLater(since),
    () => {
      statistics.errors++;
      statistics.endLater(since);
    },
  );
}

/** Whether an error is a rule of the model or the client's doing, rather than something wrong with the daemon. */
export function isExpected(error: unknown): boolean {
  return (
    error instanceof CoordinateError ||
    error instanceof InvalidValueError ||
    error instanceof ParamError ||
    error instanceof CborError ||
    error instanceof RpcError
  );
}
