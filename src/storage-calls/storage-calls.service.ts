import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Caller } from '../access/caller.js';
import { DeniedError, UnknownCallerError } from '../access/errors.js';
import type { Right } from '../access/right.js';
import { AttemptsService } from '../attempts/attempts.service.js';
import type { AttemptList, Claim, ClaimRequest } from '../domain/attempt.js';
import { InvalidValueError } from '../domain/errors.js';
import { type Refusal, refusalOf } from './calls/refusal.js';
import { type CalledRepository, CALLS_BY_NAME, namespaceOf, type StorageCall, workSpecOf } from './calls/table.js';
import { jsonOf, type JsonValue, valueOf } from './calls/values.js';
import type { ToldClaim } from './told-claims.js';

/** The injection token of all repositories that are called, by their names. */
export const REPOSITORIES = Symbol('repositories that are called');

/** A call as it comes: the name of a method, and what stands for its parameters. */
export interface CallMade {
  readonly call: string;
  readonly with: unknown;
}

/** What a call asks for, as far as others are to hear of it. */
export interface CallHeard {
  readonly call: string;
  readonly needs: Right | 'known';
  readonly namespace: string | undefined;
  /** The work spec that it is about. */
  readonly object: string | undefined;
}

/** What came of a call. */
export type CallResult = { readonly value: JsonValue } | { readonly refused: Refusal };

/** What came of many calls. */
export interface CallResults {
  readonly results: readonly CallResult[];
  /** Claims among them that were given something. */
  readonly claims: readonly ToldClaim[];
}

type Methods = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;

/** Carries out what a daemon asks that keeps its state here. */
@Injectable()
export class StorageCallsService {
  private readonly logger = new Logger('storage calls');

  constructor(
    private readonly attemptsService: AttemptsService,
    @Inject(REPOSITORIES) private readonly repositories: Readonly<Record<CalledRepository, object>>,
  ) {}

  /**
   * Begins all of them in their order, each for itself: what is wrong with one is its result.
   * @param hear - is told of each that is known what it asks for, when it is done or, with the reason, has not been
   */
  async carryOut(
    caller: Caller,
    calls: readonly CallMade[],
    hear: (call: CallHeard, error?: unknown) => void,
  ): Promise<CallResults> {
    const claims: ToldClaim[] = [];
    return { results: await Promise.all(calls.map((made) => this.resultOf(caller, made, hear, claims))), claims };
  }

  private async resultOf(
    caller: Caller,
    made: CallMade,
    hear: (call: CallHeard, error?: unknown) => void,
    claims: ToldClaim[],
  ): Promise<CallResult> {
    let heard: CallHeard | undefined;
    try {
      const call = CALLS_BY_NAME.get(made.call);
      if (call === undefined) throw new InvalidValueError('call', 'is none that this daemon knows', made.call);
      const args = argumentsOf(call, made.with);
      heard = heardOf(made.call, call, args);
      mustBeAllowed(caller, heard);
      const answer = await this.answer(made.call, args);
      hear(heard);
      if (made.call === 'attempts.claim') note(claims, args[0] as string, answer as Claim);
      return { value: jsonOf(answer) };
    } catch (error) {
      if (heard) hear(heard, error);
      return { refused: this.refused(error) };
    }
  }

  private answer(name: string, args: readonly unknown[]): unknown {
    if (name === 'attempts.claim') return this.attemptsService.claim(args[0] as string, args[1] as ClaimRequest);
    if (name === 'attempts.listOf' || name === 'units.history') return this.window(name, args);
    const [repository, method] = name.split('.');
    return this.method(repository, method)(...args);
  }

  private async window(name: string, args: readonly unknown[]): Promise<unknown> {
    const [repository, method] = name.split('.');
    const list = (await this.method(repository, method)(...args.slice(0, -1))) as AttemptList;
    return list.next(args.at(-1) as number);
  }

  private method(repository: string, method: string): Methods[string] {
    const methods = this.repositories[repository as CalledRepository];
    return (methods as Methods)[method].bind(methods);
  }

  private refused(error: unknown): Refusal {
    if (error instanceof DeniedError || error instanceof UnknownCallerError) {
      return { error: 'denied', message: error.message };
    }
    const refusal = refusalOf(error);
    if (refusal !== undefined) return refusal;
    this.logger.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return { error: 'failed', message: 'Internal server error' };
  }
}

function note(claims: ToldClaim[], namespace: string, { attempts }: Claim): void {
  if (attempts.length > 0) claims.push({ namespace, attempts });
}

/** @throws InvalidValueError naming the parameter */
function argumentsOf({ takes }: StorageCall, given: unknown): unknown[] {
  const values = valueOf(given) as Readonly<Record<string, unknown>>;
  return Object.entries(takes).map(([name, shape]) => shape(values[name], name));
}

function heardOf(name: string, call: StorageCall, args: readonly unknown[]): CallHeard {
  const needs = typeof call.needs === 'function' ? call.needs(args) : call.needs;
  return { call: name, needs, namespace: namespaceOf(call, args), object: workSpecOf(name, call, args) };
}

/** @throws UnknownCallerError, DeniedError */
function mustBeAllowed(caller: Caller, { needs, namespace }: CallHeard): void {
  if (needs === 'known') return;
  if (namespace === undefined) caller.mustEverywhere(needs);
  else caller.must(needs, namespace);
}
