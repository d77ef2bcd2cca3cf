import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Encoder } from 'cbor-x';

const codec = new Encoder({ mapsAsObjects: false, useRecords: false, tagUint8Array: false });
const TAG_AND_HEAD = 7;

/** A CBOR-RPC client for what prepares a measurement. One call at a time. */
export class Control {
  private id = 0;

  private constructor(private readonly socket: Socket) {}

  static async connect(port: number): Promise<Control> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new Control(socket);
  }

  /** Makes work specs, each given by its data dictionary. */
  async setWorkSpecs(...specs: readonly Readonly<Record<string, unknown>>[]): Promise<void> {
    for (const spec of specs) await this.call('set_work_spec', spec);
  }

  /** Units of a spec by the number of their state: 1 available, 3 pending, 4 finished, 5 failed. */
  async counts(spec: string): Promise<Map<number, number>> {
    const [counts] = (await this.call('count_work_units', spec)) as [Map<number, number>];
    return counts;
  }

  /** @returns the result, with maps as Map */
  async call(method: string, ...params: readonly unknown[]): Promise<unknown> {
    const body = codec.encode(asMap({ id: ++this.id, method, params }));
    const head = Buffer.alloc(TAG_AND_HEAD);
    head.writeUInt16BE(0xd818);
    head[2] = 0x5a;
    head.writeUInt32BE(body.length, 3);
    this.socket.write(Buffer.concat([head, body]));
    const answer = codec.decode(await this.nextMessage()) as Map<unknown, unknown>;
    const entries = new Map([...answer].map(([key, value]) => [String(key), value]));
    if (entries.has('error'))
      throw new Error(`${method}: ${JSON.stringify([...(entries.get('error') as Map<unknown, unknown>)])}`);
    return entries.get('result');
  }

  close(): void {
    this.socket.destroy();
  }

  private async nextMessage(): Promise<Buffer> {
    let bytes = Buffer.alloc(0);
    for (;;) {
      const [chunk] = (await once(this.socket, 'data')) as [Buffer];
      bytes = Buffer.concat([bytes, chunk]);
      const frame = frameOf(bytes);
      if (frame) return frame;
    }
  }
}

/** The contents of a message, when all of it is there. */
function frameOf(bytes: Buffer): Buffer | undefined {
  if (bytes.length < 4) return undefined;
  const info = bytes[2] & 31;
  const size = info < 24 ? 0 : 1 << (info - 24);
  if (bytes.length < 3 + size) return undefined;
  const length = info < 24 ? info : bytes.readUIntBE(3, Math.min(size, 6));
  return bytes.length >= 3 + size + length ? bytes.subarray(3 + size, 3 + size + length) : undefined;
}

/** Objects as maps with text keys, all the way down. */
function asMap(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asMap);
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value;
  return new Map(Object.entries(value).map(([key, inner]) => [key, asMap(inner)]));
}
