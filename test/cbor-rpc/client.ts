import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import {
  ByteString,
  CborMap,
  type CborValue,
  decodeValue,
  encode,
  type Encodable,
  ItemScanner,
  Tagged,
} from '../../src/cbor/index.js';

/** `{id, method, params}` as Python 2 sends it: strings as byte strings, wrapped in tag 24. */
export function request(id: Encodable, method: string, params: Encodable): Buffer {
  return frame(encode(requestMap(id, method, params)));
}

export function requestMap(id: Encodable, method: string, params: Encodable): Map<Encodable, Encodable> {
  return new Map<Encodable, Encodable>([
    [new ByteString('id'), id],
    [new ByteString('method'), new ByteString(method)],
    [new ByteString('params'), params],
  ]);
}

export function frame(item: Buffer): Buffer {
  return encode(new Tagged(24, new ByteString(item.latin1Slice())));
}

/** What has been received and not been taken, in one buffer that doubles as it needs to: answers may be of many megabytes. */
class Received {
  private buffer = Buffer.alloc(0);
  private start = 0;
  private end = 0;

  get bytes(): Buffer {
    return this.buffer.subarray(this.start, this.end);
  }

  add(chunk: Buffer): void {
    if (this.end + chunk.length > this.buffer.length) {
      const { bytes } = this;
      this.buffer = Buffer.allocUnsafe(2 * (bytes.length + chunk.length));
      [this.start, this.end] = [0, bytes.copy(this.buffer)];
    }
    this.end += chunk.copy(this.buffer, this.end);
  }

  take(length: number): void {
    this.start += length;
  }
}

/** A client that reads and writes raw bytes, and notes how its connection ended. */
export class RawClient {
  private readonly received = new Received();
  private readonly scanner = new ItemScanner();
  /** How the connection ended, once it has. */
  ended: 'end' | 'reset' | undefined;

  private wake: () => void = () => undefined;

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.received.add(chunk);
      this.wake();
    });
    socket.on('end', () => this.end('end'));
    socket.on('error', () => this.end('reset'));
    socket.on('close', () => this.end('end'));
  }

  private end(how: 'end' | 'reset'): void {
    this.ended ??= how;
    this.wake();
  }

  /** Something was received, or the connection ended. */
  private news(): Promise<void> {
    return new Promise((resolve) => (this.wake = resolve));
  }

  /** @param tls - how to encrypt; absent: not at all */
  static async connect(port: number, tls?: ConnectionOptions): Promise<RawClient> {
    if (tls !== undefined) {
      const encrypted = connectTls({ port, host: '127.0.0.1', allowHalfOpen: true, ...tls } as ConnectionOptions);
      encrypted.setNoDelay();
      await once(encrypted, 'secureConnect');
      return new RawClient(encrypted);
    }
    const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  send(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  /** The next message, its frame taken off, still encoded. */
  async readEncoded(): Promise<Buffer> {
    for (;;) {
      const { bytes } = this.received;
      const end = bytes.length > 0 ? this.scanner.scan(bytes, 0, bytes.length) : -1;
      if (end >= 0) {
        const item = decodeValue(bytes.subarray(0, end));
        this.received.take(end);
        if (!(item instanceof Tagged) || item.tag !== 24) throw new Error('response without tag 24');
        return Buffer.from((item.value as ByteString).binary, 'latin1');
      }
      if (this.ended) throw new Error(`connection ended (${this.ended}) before a response`);
      await this.news();
    }
  }

  async read(): Promise<CborValue> {
    return decodeValue(await this.readEncoded());
  }

  /** Calls a method. @returns its result; @throws its error message */
  async call(method: string, ...params: Encodable[]): Promise<CborValue> {
    this.send(request(1, method, params));
    const response = await this.read();
    return resultOf(response);
  }

  /** Waits for the connection's end. */
  async closed(): Promise<'end' | 'reset'> {
    while (!this.ended) await this.news();
    return this.ended;
  }

  /** Bytes received and not read yet. */
  get unread(): number {
    return this.received.bytes.length;
  }

  destroy(): void {
    this.socket.destroy();
  }
}

export function resultOf(response: CborValue): CborValue {
  if (!(response instanceof CborMap)) throw new Error('response is no map');
  if (!response.has('result')) throw new Error(errorOf(response));
  return response.get('result');
}

/** The message of an error response. */
export function errorOf(response: CborValue): string {
  if (!(response instanceof CborMap) || response.has('result')) throw new Error('response is no error');
  const error = response.get('error');
  const message = error instanceof CborMap ? error.get('message') : undefined;
  if (!(message instanceof ByteString)) throw new Error('error without a message that is a byte string');
  return message.binary;
}

export function idOf(response: CborValue): CborValue {
  if (!(response instanceof CborMap)) throw new Error('response is no map');
  return response.get('id');
}
