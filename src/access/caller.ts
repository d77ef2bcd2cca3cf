import { bytesOfName, type ByteName, isWithin, type WorkerPrefix } from '../domain/names.js';
import { DeniedError, RateLimitError, UnknownCallerError } from './errors.js';
import type { Identity } from './identity.js';
import { includes, OPEN_SET, type Right, type RightSet } from './right.js';
import type { Rights } from './rights.js';

/** The address of a machine, or what tells it as long as its connection is there: to ask the system is felt in a short request. */
export type CallerAddress = string | (() => string);

export function addressOf(from: CallerAddress): string {
  return typeof from === 'string' ? from : from();
}

/** Who makes a request, found out where it comes in and handed on with it. */
export class Caller {
  /** @param from - the machine that the request came from */
  constructor(
    readonly identity: Identity,
    private readonly from: CallerAddress,
  ) {}

  /** The address of the machine that the request came from. */
  get address(): string {
    return addressOf(this.from);
  }

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

  /** What the names of the workers begin with that it may act for; undefined: for any. */
  get workers(): WorkerPrefix {
    return this.identity.workers;
  }

  /** Whether it may act for a worker; undefined stands for one that is not named. */
  actsFor(worker: ByteName | undefined): boolean {
    const { workers } = this;
    return workers === undefined || (worker !== undefined && isWithin(workers, worker));
  }

  /** @throws DeniedError when it may not act for a worker; undefined stands for one that is not named */
  mustActFor(worker: ByteName | undefined): void {
    if (this.actsFor(worker)) return;
    const readable = (name: ByteName): string => JSON.stringify(bytesOfName(name).utf8Slice());
    const whom = worker === undefined ? 'whoever it is' : readable(worker);
    const why = `may act for workers whose names begin with ${readable(this.workers!)}, not for ${whom}`;
    throw new DeniedError(this.name, 'work', why);
  }

  /** @throws UnknownCallerError when nobody knows who it is */
  mustBeKnown(): void {
    const { unknown, retryAfter } = this.identity;
    if (unknown !== undefined) throw new UnknownCallerError(unknown, retryAfter);
  }

  /** Counts a request. @throws RateLimitError when it makes too many */
  mustKeepPace(): void {
    const { pace } = this.identity;
    const early = pace === undefined ? 0 : pace.take();
    if (early > 0) throw new RateLimitError(this.name, pace!.rate.text, early);
  }

  /** What a request hears whose caller does not have a right. @param where - in words */
  protected denied(right: Right, where: string): Error {
    const { name, unknown, retryAfter } = this.identity;
    if (unknown !== undefined) return new UnknownCallerError(unknown, retryAfter);
    return new DeniedError(name, right, `does not have the right ${right} ${where}`);
  }
}

/**
 * Who makes a request, and the namespace that it is about: over CBOR-RPC that of the connection, for which one is made, over REST
 * that of the path.
 */
export class CallerHere extends Caller {
  /** What it may do in its namespace, with what everybody may. */
  readonly rightsHere: RightSet;

  constructor(
    identity: Identity,
    from: CallerAddress,
    readonly namespace: string,
  ) {
    super(identity, from);
    this.rightsHere = identity.rights.in(namespace) | OPEN_SET;
  }

  /** Whether it has a right in its namespace. */
  mayHere(right: Right): boolean {
    return includes(this.rightsHere, right);
  }

  /** @throws UnknownCallerError, or DeniedError, when it does not have a right in its namespace */
  mustHere(right: Right): void {
    if (!this.mayHere(right)) throw this.deniedHere(right);
  }

  /** What a request hears whose caller does not have a right in its namespace. */
  deniedHere(right: Right): Error {
    return this.denied(right, inNamespace(this.namespace));
  }
}

function inNamespace(namespace: string): string {
  return `in the namespace ${JSON.stringify(namespace)}`;
}
