import 'reflect-metadata';
import { MessagePattern } from '@nestjs/microservices';
import type { Awaitable } from '../domain/awaitable.js';
import type { ParamReader } from './params/index.js';
import type { RpcResult } from './results.js';

/** What a decorated method answers to, kept with the method. */
export interface RpcMethodMetadata {
  /** As the wire names it. */
  readonly name: string;
  readonly params: ParamReader<unknown>;
}

const RPC_METHOD = Symbol('RpcMethod');

/**
 * Makes a controller's method answer to a CBOR-RPC method. It gets the typed parameters that `params` reads, and returns
 * the result or a promise of it; what it throws becomes the error response. Guards, pipes, interceptors and filters do
 * not apply: the transport calls the method itself (see method-table.ts for why).
 *
 * @example
 * @RpcMethod('worker_unregister', params({ worker_id: byteName }))
 * unregister({ worker_id }: { worker_id: string }) { … }
 */
export function RpcMethod<P>(name: string, params: ParamReader<P>) {
  return <H extends (params: P) => Awaitable<RpcResult>>(
    controller: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<H>,
  ): void => {
    const metadata: RpcMethodMetadata = { name, params };
    Reflect.defineMetadata(RPC_METHOD, metadata, descriptor.value!);
    MessagePattern(name)(controller, key, descriptor);
  };
}

/** What `RpcMethod` noted about a function, if it was decorated. */
export function rpcMethodOf(method: object): RpcMethodMetadata | undefined {
  return Reflect.getMetadata(RPC_METHOD, method) as RpcMethodMetadata | undefined;
}
