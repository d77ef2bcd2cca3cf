import 'reflect-metadata';
import { MessagePattern } from '@nestjs/microservices';
import type { CallerHere } from '../access/caller.js';
import type { OPEN } from '../access/need.js';
import type { Right } from '../access/right.js';
import type { ByteName } from '../domain/names.js';
import type { Awaitable } from '../domain/awaitable.js';
import type { ParamReader } from './params/index.js';
import type { Peer } from './peer.js';
import type { RpcResult } from './results.js';

/** A method of the interface as its clients see it, apart from what carries it out. */
export interface RpcMethodDeclaration<P> {
  /** As the wire names it. */
  readonly name: string;
  /** The right that its caller needs in the namespace of the connection; `open`: none, and nobody has to know it. */
  readonly needs: Right | typeof OPEN;
  readonly params: ParamReader<P>;
  /**
   * The workers that a request acts for, of every method that needs `work`; undefined stands for whoever it is. Callers that may
   * act for some workers only are refused for others.
   */
  readonly actsFor?: (params: P) => readonly (ByteName | undefined)[];
  /** Of those that stand together in a list of requests, none waits for the answer to the one before: they are only begun in order. */
  readonly overlaps?: boolean;
  /** What docs/cbor-rpc-methods.md says of it, beside its parameters. Every method of the daemon has it. */
  readonly about?: MethodText;
}

/** Words for those who call a method, in Markdown. */
export interface MethodText {
  readonly does: string;
  readonly answers: string;
  readonly example: MethodExample;
}

/** A call in the scene of reference.ts, and what a daemon answers there: a test makes it and compares. */
export interface MethodExample {
  /** As JSON, without the brackets around them. */
  readonly params: string;
  /** As diagnostic notation of CBOR (RFC 8949). Floats are moments and ages, which differ each time. */
  readonly result: string;
}

/** What the methods get that a declaration is of. */
export type ParamsOf<D> = D extends RpcMethodDeclaration<infer P> ? P : never;

/** A declaration with the type of its parameters read off them. */
export function declare<P>(declaration: RpcMethodDeclaration<P>): RpcMethodDeclaration<P> {
  return declaration;
}

/** What carries out a method: who asks, with what parameters, and the connection that the answer goes to. */
export type RpcHandler<P> = (caller: CallerHere, params: P, peer: Peer) => Awaitable<RpcResult>;

const RPC_METHOD = Symbol('RpcMethod');

/**
 * Makes a method of a class of handlers answer to a CBOR-RPC method. It gets who calls, the typed parameters that the
 * declaration's `params` reads, and the peer, and returns the result or a promise of it; what it throws becomes the error response. Guards, pipes,
 * interceptors and filters do not apply: the transport calls the method itself (see method-table.ts for why).
 *
 * @example
 * @RpcMethod(WORKER_UNREGISTER)
 * unregister({ namespace }: CallerHere, { worker_id }: ParamsOf<typeof WORKER_UNREGISTER>) { … }
 */
export function RpcMethod<P>(declaration: RpcMethodDeclaration<P>) {
  return <H extends RpcHandler<P>>(
    handlers: object,
    key: string | symbol,
    descriptor: TypedPropertyDescriptor<H>,
  ): void => {
    Reflect.defineMetadata(RPC_METHOD, declaration, descriptor.value!);
    MessagePattern(declaration.name)(handlers, key, descriptor);
  };
}

/** What `RpcMethod` noted about a function, if it was decorated. */
export function rpcMethodOf(method: object): RpcMethodDeclaration<unknown> | undefined {
  return Reflect.getMetadata(RPC_METHOD, method) as RpcMethodDeclaration<unknown> | undefined;
}
