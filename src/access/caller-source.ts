import type { IncomingHttpHeaders } from 'node:http';
import type { Awaitable } from '../domain/awaitable.js';
import type { Right } from './right.js';

/** Rights by names of namespaces, as the file of -auth-tokens has them: `*` at the end stands for all that begin so. */
export type RightsIn = Readonly<Record<string, readonly Right[]>>;

/** What somebody shows who is not known by a token of the daemon's own, a certificate or a session. */
export type Shown = ShownInRequest | ShownInHello;

interface ShownAnywhere {
  /** Of the machine that it comes from. */
  readonly address: string;
  /** Of `Authorization: Bearer`, or of hello; undefined: there is none. */
  readonly token: string | undefined;
}

/** The head of an HTTP request; nothing of its body is there yet. */
export interface ShownInRequest extends ShownAnywhere {
  readonly door: 'rest';
  readonly method: string;
  /** Path and query, as they came. */
  readonly url: string;
  /** By their names in small letters. */
  readonly headers: Readonly<IncomingHttpHeaders>;
}

/** `hello` on a CBOR-RPC connection. */
export interface ShownInHello extends ShownAnywhere {
  readonly door: 'rpc';
  /** Where the connection is to work. */
  readonly namespace: string;
}

/** Somebody whom a plug-in knows. */
export interface KnownCaller {
  /** As logs and errors call them; not empty. */
  readonly name: string;
  /** What they may do, as far as the plug-in has declared that those may do it whom it knows. */
  readonly rights: RightsIn;
  /** What the names of the workers begin with that they may act for, with no other rights than read and work; absent: for any. */
  readonly workers?: string;
  /** From when on they are nobody any more; absent: never, on a connection that has said hello. */
  readonly expires?: Date;
}

/** Knows callers by something that the daemon does not know. A plug-in names its classes in `callers`; its module provides them. */
export abstract class CallerSource {
  /**
   * Says who that is: somebody; `wrong`, where they say wrongly who they are, which counts as a wrong token does; or nothing, where that is for
   * others to say.
   *
   * @param signal - is aborted after five seconds. The request is answered then that it cannot be told who that is, as when this throws
   */
  abstract identify(shown: Shown, signal: AbortSignal): Awaitable<KnownCaller | 'wrong' | undefined>;
}
