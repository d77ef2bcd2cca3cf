import { type DiscoveryService, MetadataScanner } from '@nestjs/core';
import { OPEN } from '../access/need.js';
import { bitOf, isRight, OPEN_SET, type Right, type RightSet } from '../access/right.js';
import type { Audit } from '../access/audit.js';
import { CborReader, mapEntry, NameTable } from '../cbor/index.js';
import type { Awaitable } from '../domain/awaitable.js';
import type { ByteName } from '../domain/names.js';
import { Slices } from '../timing/slices.js';
import { isString, readInSlices } from './params/index.js';
import type { Peer } from './peer.js';
import type { RpcResult } from './results.js';
import { type RpcHandler, type RpcMethodDeclaration, rpcMethodOf } from './rpc-method.decorator.js';
import { shown } from './shown.js';
import { MethodStatistics, type RpcStatistics } from './rpc-statistics.js';

/** A method of the interface, ready to be called. */
export interface RpcMethodEntry {
  readonly name: string;
  /** What its callers need, as a set of one right. */
  readonly needs: RightSet;
  readonly right: Right | typeof OPEN;
  /**
   * Reads the parameters at the cursor and calls the handler on behalf of the peer's caller.
   *
   * @throws ParamError, and whatever the handler throws
   */
  invoke(params: CborReader, peer: Peer, note?: Note): Awaitable<RpcResult>;
  /** As invoke, but parameters that are large are read in slices. The reader is nobody else's. */
  invokeInSlices(params: CborReader, peer: Peer, note?: Note): Promise<RpcResult>;
  /** Whether the log says who asks for it. */
  readonly isAudited: boolean;
  readonly overlaps: boolean;
  readonly statistics: MethodStatistics;
}

/** What the log says a request was about, once its parameters are read. */
export interface Note {
  object?: string;
}

export type MethodTable = NameTable<RpcMethodEntry>;

/** A class of handlers, which Nest calls a controller. */
type Handlers = Record<string, RpcHandler<unknown>>;

/**
 * The handlers, decorated methods, by their name on the wire, bound once. Calling them bare keeps the rate near that
 * of the socket: the handlers that Nest registers with a transport make promises and observables for each call, and
 * looking one up parses JSON; through them a server answered 44,000 to 59,000 requests a second where the bare socket
 * answered 128,000 to 149,000.
 *
 * @param registered names of the handlers that Nest registered with the transport: the two must agree, or a method would
 * be there for Nest and not on the wire, or the other way round
 */
export function resolveMethods(
  discovery: DiscoveryService,
  registered: Iterable<string>,
  statistics: RpcStatistics,
  audit: Audit,
): MethodTable {
  const methods = new Map<string, RpcMethodEntry>();
  const scanner = new MetadataScanner();
  for (const wrapper of discovery.getControllers()) {
    const handlers = wrapper.instance as Handlers | undefined;
    if (!handlers) continue;
    for (const key of scanner.getAllMethodNames(Object.getPrototypeOf(handlers) as object)) {
      const metadata = rpcMethodOf(handlers[key]);
      if (!metadata) continue;
      const { name, params, needs } = metadata;
      if (methods.has(name)) throw new Error(`two handlers answer to the CBOR-RPC method ${name}`);
      if (!wrapper.isDependencyTreeStatic()) throw new Error(`the handlers of ${name} must not be request-scoped`);
      checkDeclared(metadata);
      const { actsFor = nobody } = metadata;
      const counters = new MethodStatistics();
      statistics.methods.set(name, counters);
      methods.set(name, {
        name,
        needs: needs === OPEN ? OPEN_SET : bitOf(needs),
        right: needs,
        isAudited: audit.concerns(needs),
        overlaps: metadata.overlaps ?? false,
        invoke: (reader, peer, note) => {
          const { caller } = peer;
          const given = params.read(reader);
          if (note !== undefined) note.object = objectOf(given);
          if (caller.workers !== undefined) for (const worker of actsFor(given)) caller.mustActFor(worker);
          return handlers[key](caller, given, peer);
        },
        invokeInSlices: async (reader, peer, note) => {
          const { caller } = peer;
          const given = await readInSlices(params, reader, new Slices());
          if (note !== undefined) note.object = objectOf(given);
          if (caller.workers !== undefined) for (const worker of actsFor(given)) caller.mustActFor(worker);
          return handlers[key](caller, given, peer);
        },
        statistics: counters,
      });
    }
  }
  verify(new Set(methods.keys()), new Set(registered));
  return new NameTable(methods);
}

/** @throws Error when a method declares no right, or needs `work` and does not say for whom */
export function checkDeclared({ name, needs, actsFor }: RpcMethodDeclaration<unknown>): void {
  if (needs !== OPEN && !isRight(needs))
    throw new Error(`the CBOR-RPC method ${name} does not declare the right that it needs`);
  if (needs === 'work' && actsFor === undefined)
    throw new Error(`the CBOR-RPC method ${name} does not declare the workers that it acts for`);
}

/** The work spec that parameters are about. */
function objectOf(given: unknown): string | undefined {
  const { work_spec_name, work_spec } = given as { work_spec_name?: unknown; work_spec?: unknown };
  if (typeof work_spec_name === 'string') return work_spec_name;
  const name = work_spec instanceof Uint8Array ? mapEntry(work_spec, 'name') : undefined;
  const reader = name && new CborReader(name);
  return reader && isString(reader)
    ? shown(Buffer.from(reader.readStringBytes(), 'latin1').toString('utf8'))
    : undefined;
}

const nobody = (): readonly ByteName[] => [];

function verify(methods: ReadonlySet<string>, registered: ReadonlySet<string>): void {
  const missing = [...methods].filter((name) => !registered.has(name));
  if (missing.length > 0) throw new Error(`not registered with the CBOR-RPC transport: ${missing.join(', ')}`);
  const foreign = [...registered].filter((name) => !methods.has(name));
  if (foreign.length > 0) throw new Error(`message patterns that are no @RpcMethod: ${foreign.join(', ')}`);
}
