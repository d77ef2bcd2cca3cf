import { Controller } from '@nestjs/common';
import { ByteString, type Encodable, RawCbor, Tuple } from '../../src/cbor/index.js';
import {
  byteName,
  dictionary,
  integer,
  list,
  number,
  optional,
  options,
  type ParamReader,
  params,
  text,
} from '../../src/cbor-rpc/params/index.js';
import { RpcMethod } from '../../src/cbor-rpc/rpc-method.decorator.js';

/** Any value, as its encoded bytes, which are a view of the message. */
const raw: ParamReader<Buffer> = { type: 'any value', read: (reader) => reader.readRaw() };

/** Methods that show what the transport does with parameters, results, errors and time. */
@Controller()
export class FakeHandlers {
  /** What the methods were called with, in order. */
  static readonly calls: string[] = [];
  static release: (() => void)[] = [];

  @RpcMethod({ name: 'echo', needs: 'read', params: params({ value: optional(raw) }) })
  echo(_: unknown, { value }: { value: Buffer | undefined }): Encodable {
    return value ? new RawCbor(value) : null;
  }

  @RpcMethod({ name: 'echo_later', needs: 'read', params: params({ value: raw }) })
  async echoLater(_: unknown, { value }: { value: Buffer }): Promise<Encodable> {
    await new Promise((resolve) => setImmediate(resolve));
    return new RawCbor(value);
  }

  /** Answers when the test says so. */
  @RpcMethod({ name: 'wait', needs: 'read', params: params({ name: byteName }) })
  async wait(_: unknown, { name }: { name: string }): Promise<Encodable> {
    FakeHandlers.calls.push(`wait ${name}`);
    await new Promise<void>((resolve) => FakeHandlers.release.push(resolve));
    return name;
  }

  /** Answers when as many have begun as it says. */
  @RpcMethod({ name: 'gather', needs: 'read', overlaps: true, params: params({ count: integer }) })
  async gather(_: unknown, { count }: { count: number }): Promise<Encodable> {
    FakeHandlers.calls.push('gather');
    await new Promise<void>((resolve) => {
      FakeHandlers.release.push(resolve);
      if (FakeHandlers.release.length === count) for (const release of FakeHandlers.release) release();
    });
    return count;
  }

  @RpcMethod({ name: 'note', needs: 'read', params: params({ name: byteName }) })
  note(_: unknown, { name }: { name: string }): Encodable {
    FakeHandlers.calls.push(`note ${name}`);
    return null;
  }

  @RpcMethod({
    name: 'get_work',
    needs: 'work',
    actsFor: ({ worker_id }) => [worker_id],
    params: params({
      worker_id: byteName,
      options: options({
        lease_time: optional(number),
        max_jobs: optional(integer, 1),
        work_spec_names: optional(list(text)),
        data: optional(dictionary),
      }),
    }),
  })
  getWork(
    _: unknown,
    given: {
      worker_id: string;
      options: { lease_time?: number; max_jobs: number; work_spec_names?: string[]; data?: Buffer };
    },
  ): Encodable {
    const { lease_time, max_jobs, work_spec_names, data } = given.options;
    return [
      new Tuple<Encodable>([new ByteString(given.worker_id), lease_time ?? null, max_jobs]),
      work_spec_names ?? null,
      data ? new RawCbor(data) : null,
    ];
  }

  @RpcMethod({ name: 'blob', needs: 'read', params: params({ size: integer }) })
  blob(_: unknown, { size }: { size: number }): Encodable {
    return new ByteString('x'.repeat(size));
  }

  @RpcMethod({ name: 'busy', needs: 'read', params: params({ ms: number }) })
  busy(_: unknown, { ms }: { ms: number }): Encodable {
    const end = performance.now() + ms;
    while (performance.now() < end);
    return null;
  }

  @RpcMethod({ name: 'fail', needs: 'read', params: params({ message: text }) })
  fail(_: unknown, { message }: { message: string }): Encodable {
    throw new Error(message);
  }

  @RpcMethod({ name: 'fail_later', needs: 'read', params: params({ message: text }) })
  async failLater(_: unknown, { message }: { message: string }): Promise<Encodable> {
    await Promise.resolve();
    throw new Error(message);
  }

  @RpcMethod({ name: 'unencodable', needs: 'read', params: params({}) })
  unencodable(): Encodable {
    return ['half', Buffer.from('x')] as unknown as Encodable;
  }
}
