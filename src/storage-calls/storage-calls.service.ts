import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Caller } from '../access/caller.js';
import { DeniedError, UnknownCallerError } from '../access/errors.js';
import type { Right } from '../access/right.js';
import { AttemptsService } from '../attempts/attempts.service.js';
import type { AttemptList, Claim, ClaimRequest } from '../domain/attempt.js';
import { InvalidValueError, StorageUnavailableError } from '../domain/errors.js';
import { type Refusal, refusalOf } from './calls/refusal.js';
import { type CalledRepository, CALLS_BY_NAME, namespaceOf, type StorageCall, workSpecOf } from './calls/table.js';
import { shapeInSlices } from './calls/shape.js';
import { jsonBytes } from './calls/values.js';
import { Slices } from '../timing/slices.js';
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

/** What came of a call: a value of the model and about how many bytes it takes as JSON, or why there is none. */
export type CallResult = { readonly value: unknown; readonly bytes: number } | { readonly refused: Refusal };

/** What came of many calls. */
export interface CallResults {
  readonly results: readonly CallResult[];
  /** Claims among them that were given something. */
  readonly claims: readonly ToldClaim[];
}

/** To begin a call counts as so many small steps. */
const STEPS_PER_CALL = 16;
/** So many calls that only ask are at work at a time: each may bring as much as a message may have. */
const MOST_ASKING = 8;

/** The calls of one request, and how many bytes have come of them. */
interface Batch {
  readonly caller: Caller;
  /** So many may come of those that only ask. */
  readonly mostBytes: number;
  readonly hear: (call: CallHeard, error?: unknown) => void;
  readonly claims: ToldClaim[];
  readonly slices: Slices;
  bytes: number;
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
   * Begins all of them in their order, each for itself: what is wrong with one is its result. Where so much has come of them
   * that the answer would be too large, those are refused that only ask.
   * @param mostBytes - how many bytes may come of those
   * @param hear - is told of each that is known what it asks for, when it is done or, with the reason, has not been
   */
  async carryOut(
    caller: Caller,
    calls: readonly CallMade[],
    mostBytes: number,
    hear: Batch['hear'],
  ): Promise<CallResults> {
    const batch: Batch = { caller, mostBytes, hear, claims: [], slices: new Slices(), bytes: 0 };
    const results: Promise<CallResult>[] = [];
    const asking = new Set<Promise<unknown>>();
    for (const made of calls) {
      if (batch.slices.isOver(STEPS_PER_CALL)) await batch.slices.next();
      const asks = CALLS_BY_NAME.get(made.call)?.asks === true;
      if (asks && asking.size >= MOST_ASKING) await Promise.race(asking);
      // Before the next one is looked at: one with very many parameters is not overtaken.
      const result = this.resultOf(made, await readCall(made), batch);
      results.push(result);
      if (!asks) continue;
      asking.add(result);
      void result.then(() => asking.delete(result));
    }
    return { results: await Promise.all(results), claims: batch.claims };
  }

  private async resultOf(made: CallMade, read: ReadCall, batch: Batch): Promise<CallResult> {
    const { hear } = batch;
    let heard: CallHeard | undefined;
    try {
      if ('error' in read) throw read.error;
      const { call, args } = read;
      heard = heardOf(made.call, call, args);
      mustBeAllowed(batch.caller, heard);
      if (call.asks && batch.bytes > batch.mostBytes) {
        throw new StorageUnavailableError(
          `what comes of these calls has more than ${batch.mostBytes} bytes, ask for less at a time`,
        );
      }
      const value = await this.answer(made.call, args);
      const bytes = await jsonBytes(value, new Slices());
      batch.bytes += bytes;
      hear(heard);
      if (made.call === 'attempts.claim') note(batch.claims, args[0] as string, value as Claim);
      return { value, bytes };
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

/** A call and its parameters, or what is wrong with them. */
type ReadCall = { readonly call: StorageCall; readonly args: unknown[] } | { readonly error: unknown };

async function readCall(made: CallMade): Promise<ReadCall> {
  const call = CALLS_BY_NAME.get(made.call);
  if (call === undefined) return { error: new InvalidValueError('call', 'is none that this daemon knows', made.call) };
  try {
    return { call, args: await argumentsOf(call, made.with) };
  } catch (error) {
    return { error };
  }
}

/** In slices where they are very long. @throws InvalidValueError naming the parameter */
async function argumentsOf({ takes }: StorageCall, given: unknown): Promise<unknown[]> {
  const values = given as Readonly<Record<string, unknown>>;
  const slices = new Slices();
  const args: unknown[] = [];
  for (const [name, shape] of Object.entries(takes)) {
    const arg = shapeInSlices(shape, values[name], name, slices);
    args.push(arg instanceof Promise ? await arg : arg);
  }
  return args;
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
