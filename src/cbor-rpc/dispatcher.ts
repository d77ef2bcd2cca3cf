import { CallerUncertainError, DeniedError, RateLimitError, UnknownCallerError } from '../access/errors.js';
import { CborError, CborReader, type Encodable } from '../cbor/index.js';
import type { Awaitable } from '../domain/awaitable.js';
import { CoordinateError, InvalidValueError } from '../domain/errors.js';
import { shorten } from '../shorten.js';
import { Slices } from '../timing/slices.js';
import { AnswerPieces, AnswerRoom, frameHead, isLarge, LargeResult } from './large-answer.js';
import { LARGE_BYTES, readLargeMessage } from './large-message.js';
import { ListAnswer } from './list-answer.js';
import { endOfRun } from './list-run.js';
import type { MemoryGate } from './memory-gate.js';
import type { MethodTable, Note, RpcMethodEntry } from './method-table.js';
import { isString, ParamError } from './params/index.js';
import type { Peer } from './peer.js';
import { type Message, readMessage, type Request, salvageId } from './request.js';
import type { ResponseWriter } from './response-writer.js';
import { RevocableAnswer } from '../domain/promised.js';
import type { RevocableResult, RpcResult } from './results.js';
import { RpcError } from './rpc-error.js';
import type { RpcAudit } from './rpc-audit.js';
import { shown } from './shown.js';
import type { MethodStatistics, RpcStatistics } from './rpc-statistics.js';

/**
 * Writes an answer that had to be waited for. To be called once, when nobody else is in the middle of writing; or, when the
 * client has gone, to take back what it says.
 *
 * @throws RefusedMessage when it was none
 */
export type WriteAnswer = (isGone: boolean) => void;

/** A message that turned out to be none when it was looked at in slices. */
export class RefusedMessage extends Error {
  override readonly name = 'RefusedMessage';

  constructor(
    reason: string,
    readonly bytes: Buffer,
    readonly start: number,
    readonly end: number,
  ) {
    super(reason);
  }
}

/** No error message has more characters: what clients sent is in some. */
const LONGEST_MESSAGE = 1_000;
/** So much of a message that is refused is looked through for its id. */
const SALVAGED_BYTES = 64 * 1024;
/** So many small steps does a request of a list count as. */
const STEPS_PER_REQUEST = 64;

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
    private readonly gate: MemoryGate,
    private readonly audit: RpcAudit,
  ) {}

  /**
   * Answers the message in bytes[start, end). The answer is written when this returns; or, when a promise comes back, it
   * is to be written once that is there. The requests of a list are carried out one after another, but for those whose
   * declaration says that they overlap.
   *
   * @param peer who asks
   * @throws CborError when the message is malformed or asks nothing; then nothing of it has been carried out
   */
  answer(bytes: Buffer, start: number, end: number, peer: Peer): Promise<WriteAnswer> | undefined {
    if (end - start > LARGE_BYTES) return this.answerLarge(bytes, start, end, peer);
    const message = readMessage(this.reader.reset(bytes, start, end), this.methods);
    return Array.isArray(message) ? this.answerList(message, peer) : this.answerOne(message, peer);
  }

  /** Writes the error response to input that is no message, of which bytes[start, end) is there. */
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- who it is from is for the log
  refuse(bytes: Buffer, start: number, end: number, reason: string, _peer: Peer): void {
    const frame = this.out.beginFrame();
    const known = Math.min(end, start + SALVAGED_BYTES);
    this.out.writeError(salvageId(this.reader.reset(bytes, start, known)), reason);
    this.out.endFrame(frame);
  }

  /** As answer, of a message that is so large that it is looked at in slices. */
  private async answerLarge(bytes: Buffer, start: number, end: number, peer: Peer): Promise<WriteAnswer> {
    const reader = new CborReader(bytes, start, end);
    let message: Message;
    try {
      message = await readLargeMessage(reader, this.methods);
    } catch (error) {
      if (!(error instanceof CborError)) throw error;
      return (isGone) => {
        if (!isGone) throw new RefusedMessage(error.message, bytes, start, end);
      };
    }
    if (Array.isArray(message)) return this.answerList(message, peer, reader);
    return this.answerOne(message, peer, reader) ?? nothing;
  }

  /** @param reader knows the message, if it is large */
  protected answerOne(request: Request, peer: Peer, reader?: CborReader): Promise<WriteAnswer> | undefined {
    let result: Awaitable<RpcResult>;
    try {
      result = this.call(request, peer, reader);
    } catch (error) {
      if (reader !== undefined)
        return Promise.resolve((isGone: boolean) => this.errorUnlessGone(request, error, isGone));
      this.frameError(request, error);
      return undefined;
    }
    if (!(result instanceof Promise)) {
      if (result instanceof LargeResult) return this.makeLarge(request, result, peer);
      this.frameResult(request, result, peer);
      return undefined;
    }
    return result.then(
      (value) =>
        value instanceof LargeResult
          ? this.makeLarge(request, value, peer)
          : (isGone) => this.frameUnlessGone(request, value, peer, isGone),
      (error: unknown) => (isGone) => this.errorUnlessGone(request, error, isGone),
    );
  }

  private async makeLarge(request: Request, result: LargeResult, peer: Peer): Promise<WriteAnswer> {
    const room = new AnswerRoom(this.gate, peer);
    try {
      const answer = await this.piecesOf(request, result, room);
      return (isGone) => {
        if (isGone) {
          result.promise?.revoke();
          return room.giveBack();
        }
        this.noteLarge(request, answer.length);
        peer.send([frameHead(answer.length), ...answer.pieces], room, result.promise ? [result.promise] : []);
      };
    } catch (error) {
      room.giveBack();
      return (isGone) => this.errorUnlessGone(request, error, isGone);
    }
  }

  /** The log has its own. */
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- as above
  protected noteLarge(_request: Request, _bytes: number): void {
    return;
  }

  /** The encoded response with a large result. */
  private async piecesOf(request: Request, result: LargeResult, room: AnswerRoom): Promise<AnswerPieces> {
    const answer = new AnswerPieces(room);
    try {
      await answer.nextTurn();
      const before = this.out.length;
      this.out.writeResultHead(request);
      answer.out.writeRaw(this.out.cutFrom(before));
      await result.write(answer);
      answer.end();
      return answer;
    } catch (error) {
      result.promise?.revoke();
      request.method!.statistics.errors++;
      throw error;
    }
  }

  private async answerList(requests: readonly Request[], peer: Peer, reader?: CborReader): Promise<WriteAnswer> {
    const list = new ListAnswer(new AnswerRoom(this.gate, peer));
    const slices = new Slices();
    for (let at = 0; at < requests.length;) {
      const end = endOfRun(requests, at);
      const begun = requests.slice(at, end).map((request) => this.begin(request, peer, reader));
      for (const result of begun) {
        await this.respondApart(requests[at++], result, peer, list);
        if (slices.isOver(STEPS_PER_REQUEST)) await slices.next();
      }
    }
    return (isGone) => {
      if (isGone) list.drop();
      else this.writeList(list, requests.length, peer);
    };
  }

  private writeList({ pieces, bytes, room, promised }: ListAnswer, count: number, peer: Peer): void {
    const { out } = this;
    if (isLarge(bytes)) {
      const before = out.length;
      out.writeArrayHead(count);
      const head = out.cutFrom(before);
      return peer.send([frameHead(bytes + head.length), head, ...pieces], room, promised);
    }
    for (const result of promised) peer.mustGet(result);
    const frame = out.beginFrame();
    out.writeArrayHead(count);
    for (const piece of pieces) out.writeRaw(piece);
    out.endFrame(frame);
    room.giveBack();
  }

  /** As call, of a request whose answer is looked at later. */
  protected begin(request: Request, peer: Peer, reader?: CborReader): Awaitable<RpcResult> {
    let result: Awaitable<RpcResult>;
    try {
      result = this.call(request, peer, reader);
    } catch (error) {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- as it was thrown
      result = Promise.reject(error);
    }
    // Whoever waits for it hears the error; that may be after others have been waited for.
    if (result instanceof Promise) result.catch(() => undefined);
    return result;
  }

  /** Adds the response to a request of a list that has begun. @returns how many bytes it has */
  protected async respondApart(
    request: Request,
    begun: Awaitable<RpcResult>,
    _peer: Peer,
    list: ListAnswer,
  ): Promise<number> {
    const { room } = list;
    const used = room.used;
    try {
      const result = await begun;
      if (result instanceof LargeResult) {
        const { pieces } = await this.piecesOf(request, result, room);
        if (result.promise) list.promised.push(result.promise);
        return list.add(pieces);
      }
      const before = this.out.length;
      this.writeResult(request, result);
      const response = this.out.cutFrom(before);
      try {
        room.use(response.length);
      } catch (error) {
        if (result instanceof RevocableAnswer) result.revoke();
        throw error;
      }
      if (result instanceof RevocableAnswer) list.promised.push(result);
      return list.add([response]);
    } catch (error) {
      room.fallBackTo(used);
      const before = this.out.length;
      this.writeError(request, error);
      return list.add([this.out.cutFrom(before)]);
    }
  }

  /** @throws what keeps the request from being carried out */
  private call(request: Request, peer: Peer, known?: CborReader): Awaitable<RpcResult> {
    const { method } = request;
    if (method === undefined) throw this.noMethod(request, peer);
    // The one place where methods are refused to callers.
    if ((peer.caller.rightsHere & method.needs) === 0) throw this.audit.refusal(request, method, peer);
    if (peer.caller.identity.pace !== undefined) peer.caller.mustKeepPace();
    if (!method.isAudited) return this.carryOut(request, method, peer, known);
    return this.audit.watch(request, method, peer.caller, (note) => this.carryOut(request, method, peer, known, note));
  }

  private carryOut(
    request: Request,
    method: RpcMethodEntry,
    peer: Peer,
    known?: CborReader,
    note?: Note,
  ): Awaitable<RpcResult> {
    const { statistics } = method;
    const begun = statistics.begin();
    let result: Awaitable<RpcResult>;
    try {
      result =
        known !== undefined && request.paramsEnd - request.paramsStart > LARGE_BYTES
          ? method.invokeInSlices(known.part(request.paramsStart, request.paramsEnd), peer, note)
          : method.invoke(this.paramsOf(request), peer, note);
    } catch (error) {
      statistics.errors++;
      statistics.end(begun);
      this.audit.failed(request, method, peer.caller, error);
      throw error;
    }
    if (result instanceof Promise) answersLater(result, statistics, begun);
    else statistics.end(begun);
    return result;
  }

  private noMethod(request: Request, peer: Peer): Error {
    if (peer.caller.identity.unknown !== undefined) {
      peer.dismiss();
      peer.caller.mustBeKnown();
    }
    this.statistics.unknownMethods++;
    const name = new CborReader(request.bytes, Math.max(0, request.methodStart), request.methodEnd);
    if (request.methodStart < 0 || !isString(name)) return new RpcError('a request must name its method, a string');
    return new RpcError(`no such method ${JSON.stringify(shown(name.readStringBytes()))}`);
  }

  private paramsOf(request: Request): CborReader {
    if (request.paramsStart < 0) return this.reader.reset(NO_PARAMS);
    return this.reader.reset(request.bytes, request.paramsStart, request.paramsEnd);
  }

  private frameUnlessGone(request: Request, result: Encodable | RevocableResult, peer: Peer, isGone: boolean): void {
    if (!isGone) this.frameResult(request, result, peer);
    else if (result instanceof RevocableAnswer) result.revoke();
  }

  private errorUnlessGone(request: Request, error: unknown, isGone: boolean): void {
    if (!isGone) this.frameError(request, error);
  }

  private frameResult(request: Request, result: Encodable | RevocableResult, peer: Peer): void {
    const frame = this.out.beginFrame();
    this.writeResult(request, result);
    this.out.endFrame(frame);
    if (result instanceof RevocableAnswer) peer.mustGet(result);
  }

  private frameError(request: Request, error: unknown): void {
    const frame = this.out.beginFrame();
    this.writeError(request, error);
    this.out.endFrame(frame);
  }

  /** A result that cannot be encoded is an error like any other of the method. */
  private writeResult(request: Request, result: Encodable | RevocableResult): void {
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
    const whole = error instanceof Error ? error.message || error.name : String(error);
    const message = shorten(whole, LONGEST_MESSAGE);
    this.out.writeError(request, error instanceof ParamError ? `${request.method?.name}: ${message}` : message);
  }
}

const nothing: WriteAnswer = () => undefined;

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
    error instanceof RpcError ||
    error instanceof DeniedError ||
    error instanceof CallerUncertainError ||
    error instanceof RateLimitError ||
    error instanceof UnknownCallerError
  );
}
