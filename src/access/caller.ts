import { includes, type Right } from './right.js';
import type { Rights } from './rights.js';

/** Somebody who makes requests, by whatever they are known. */
export interface Identity {
  /** As logs call them. */
  readonly name: string;
  readonly rights: Rights;
}

/** Who makes a request, found out where it comes in and handed on with it. */
export class Caller {
  constructor(
    private readonly identity: Identity,
    /** The address of the machine that the request came from. */
    readonly address: string,
  ) {}

  get name(): string {
    return this.identity.name;
  }

  get rights(): Rights {
    return this.identity.rights;
  }

  /** Whether it has a right in a namespace. */
  may(right: Right, namespace: string): boolean {
    return includes(this.rights.in(namespace), right);
  }

  /** Whether it is shown that a namespace is there, and what is in it. */
  sees(namespace: string): boolean {
    return includes(this.rights.everywhere, 'operate') || this.may('read', namespace);
  }
}

/** Who makes the requests of a CBOR-RPC connection, and the namespace in which: made once for all of them. */
export class RpcCaller extends Caller {
  constructor(
    identity: Identity,
    address: string,
    readonly namespace: string,
  ) {
    super(identity, address);
  }
}
