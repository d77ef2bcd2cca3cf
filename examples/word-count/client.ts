import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { addExtension, Decoder, DecoderStream, Encoder, Tag } from 'cbor-x';

/** The parts of an answer: a map's keys are text here, whether they came as byte strings or as text. */
export type Answer = Map<string, unknown>;

/** What `get_work` hands out. */
export interface WorkUnit {
  readonly spec: string;
  readonly key: string;
  readonly data: Answer;
}

/** Tag 24: a byte string that holds encoded CBOR. Every message is one. */
const ENCODED_CBOR = 24;
/** Tag 128: a Python tuple, which is a list to everybody else. */
const TUPLE = 128;

// Maps stay maps: their keys are byte strings, which no JavaScript object can have.
const maps = { mapsAsObjects: false, useRecords: false } as const;

class Tuple {
  constructor(readonly items: unknown[]) {}
}
addExtension<Tuple, unknown[]>({
  Class: Tuple,
  tag: TUPLE,
  encode: (tuple, encode) => encode(tuple.items),
  decode: (items) => new Tuple(items),
});

/** A client of the daemon's CBOR-RPC: one connection, on which requests may be sent without waiting for answers. */
export class CborRpcClient {
  private readonly encoder = new Encoder({ useRecords: false });
  private readonly decoder = new Decoder(maps);
  /** Answers come in the order of the requests, so the oldest call is always the next to be answered. */
  private readonly calls: { resolve: (result: unknown) => void; reject: (error: Error) => void }[] = [];
  private nextId = 1;
  private broken: Error | undefined;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.pipe(new DecoderStream(maps)).on('data', (message: Tag) => this.receive(message));
    socket.on('error', (error) => this.fail(error));
    socket.on('close', () => this.fail(new Error('the daemon closed the connection')));
  }

  /** @param address `HOST:PORT` */
  static async connect(address: string): Promise<CborRpcClient> {
    const colon = address.lastIndexOf(':');
    const socket = connect(Number(address.slice(colon + 1)), address.slice(0, colon));
    await once(socket, 'connect');
    return new CborRpcClient(socket);
  }

  /** Calls a method. @throws Error with the daemon's message, or when the connection is lost */
  call(method: string, ...params: unknown[]): Promise<unknown> {
    if (this.broken !== undefined) return Promise.reject(this.broken);
    const message = this.encoder.encode({ id: this.nextId++, method, params });
    this.socket.write(this.encoder.encode(new Tag(message, ENCODED_CBOR)));
    return new Promise((resolve, reject) => this.calls.push({ resolve, reject }));
  }

  /** Calls a method whose answer is a value and a message, and gives back the value. */
  async value(method: string, ...params: unknown[]): Promise<unknown> {
    const [value, message] = (await this.call(method, ...params)) as [unknown, string | null];
    if (message !== null && (value === false || value === null)) throw new Error(`${method}: ${message}`);
    return value;
  }

  /** Claims up to `units` units of work; none when there is nothing to do. */
  async getWork(
    worker: string,
    options: { leaseSeconds: number; units: number; specs: string[] },
  ): Promise<WorkUnit[]> {
    const claimed = (await this.value('get_work', worker, {
      lease_time: options.leaseSeconds,
      // With one job asked for, the answer would be that job, and not a list.
      max_jobs: Math.max(2, options.units),
      work_spec_names: options.specs,
    })) as [string, string, Answer][];
    return claimed.map(([spec, key, data]) => ({ spec, key, data }));
  }

  close(): void {
    this.socket.end();
  }

  private receive(message: Tag): void {
    const answer = plain(this.decoder.decode(message.value as Buffer)) as Answer;
    const call = this.calls.shift();
    const error = answer.get('error') as Answer | undefined;
    if (error === undefined) call?.resolve(answer.get('result'));
    else call?.reject(new Error(String(error.get('message'))));
  }

  private fail(error: Error): void {
    this.broken ??= error;
    for (const call of this.calls.splice(0)) call.reject(error);
  }
}

/** Byte strings as text and tuples as lists: right for this example, whose names and data are all text. */
function plain(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return value.toString('utf8');
  if (value instanceof Tuple) return value.items.map(plain);
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [String(plain(key)), plain(item)]));
  return value;
}
