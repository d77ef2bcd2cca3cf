import { Caller, type Identity, RpcCaller } from './caller.js';
import { EVERYTHING } from './rights.js';

/** What is known of whoever sends something: the machine at the other end of a socket. */
interface Sender {
  readonly remoteAddress?: string;
}

/** Whoever reaches a port, where nobody is asked who they are. */
export const EVERYBODY: Identity = { name: 'everybody', rights: EVERYTHING };

/** Finds out who makes a request. Both interfaces ask it where requests come in, and nobody asks anywhere else. */
export class Callers {
  /** @param namespace the one in which CBOR-RPC clients work */
  constructor(private readonly namespace: string) {}

  /** Who is at the other end of a CBOR-RPC connection. */
  ofConnection({ remoteAddress = '-' }: Sender): RpcCaller {
    return new RpcCaller(EVERYBODY, remoteAddress, this.namespace);
  }

  /** Who sent an HTTP request. */
  ofRequest({ remoteAddress = '-' }: Sender): Caller {
    return new Caller(EVERYBODY, remoteAddress);
  }
}
