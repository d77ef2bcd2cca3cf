import { DeniedError, UnknownCallerError } from './errors.js';
import type { Identity } from './identity.js';
import { includes, type Right, type RightSet } from './right.js';
import type { Rights } from './rights.js';

/** Who makes a request, found out where it comes in and handed on with it. */
export class Caller {
  constructor(
    readonly identity: Identity,
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

  /** @throws UnknownCallerError, or DeniedError, when it does not have a right in a namespace */
  must(right: Right, namespace: string): void {
    if (!this.may(right, namespace)) throw this.denied(right, inNamespace(namespace));
  }

  /** @throws UnknownCallerError, or DeniedError, when it does not have a right in all namespaces */
  mustEverywhere(right: Right): void {
    if (!includes(this.rights.everywhere, right)) throw this.denied(right, 'in all namespaces');
  }

  /** @throws UnknownCallerError when nobody knows who it is */
  mustBeKnown(): void {
    const { unknown } = this.identity;
    if (unknown !== undefined) throw new UnknownCallerError(unknown);
  }

  protected denied(right: Right, where: string): Error {
    const { name, unknown } = this.identity;
    return unknown === undefined ? new DeniedError(name, right, where) : new UnknownCallerError(unknown);
  }
}

/**
 * Who makes a request, and the namespace that it is about: over CBOR-RPC that of the connection, for which one is made, over REST
 * that of the path.
 */
export class CallerHere extends Caller {
  /** What it may do in its namespace. */
  readonly rightsHere: RightSet;

  constructor(
    identity: Identity,
    address: string,
    readonly namespace: string,
  ) {
    super(identity, address);
    this.rightsHere = identity.rights.in(namespace);
  }

  /** Whether it has a right in its namespace. */
  mayHere(right: Right): boolean {
    return includes(this.rightsHere, right);
  }

  /** @throws UnknownCallerError, or DeniedError, when it does not have a right in its namespace */
  mustHere(right: Right): void {
    if (!this.mayHere(right)) throw this.denied(right, inNamespace(this.namespace));
  }
}

function inNamespace(namespace: string): string {
  return `in the namespace ${JSON.stringify(namespace)}`;
}
