import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import type { AttemptRef } from '../../src/domain/attempt.js';
import { answered, answerOf } from './answers.js';
import { Driver, START } from './driver.js';
import { observe } from './observation.js';
import type { Round } from './operations.js';
import { NAMESPACES } from './operations.js';
import { observeReference } from './reference/observe.js';
import type { RefAttempt } from './reference/state.js';
import { RefWorld } from './reference/world.js';

/** A round as it went: the order of its steps that explains it, and what the backend calls the attempts it began. */
interface Past {
  readonly now: number;
  readonly round: Round;
  readonly order: readonly number[];
  readonly refs: ReadonlyMap<string, AttemptRef>;
}

/**
 * Begins the operations of a round all at once at a backend, and looks for an order in which the reference model, doing one
 * after another, answers the same and looks the same afterwards.
 */
export class Interleaving extends Driver {
  private readonly past: Past[] = [];

  async round(round: Round): Promise<void> {
    this.replay();
    const now = this.target(round.move);
    await this.backend.setClock(now);
    this.world.moveTo(now);
    const answers = await Promise.all(
      round.steps.map(({ namespace, operation }) => answered(() => this.perform(namespace, operation))),
    );
    const seen = await observe(this.backend.repositories, NAMESPACES, false);
    const refs = await this.refsOfAll();
    let tried: unknown;
    for (const order of ordersOf(round.steps.length)) {
      this.replay();
      const expected = this.carryOut(now, round, order);
      const last = { answers: expected, seen: observeReference(this.world, NAMESPACES) };
      if (isDeepStrictEqual(last, { answers, seen })) {
        this.past.push({ now, round, order, refs });
        return;
      }
      tried ??= last;
    }
    expect({ answers, seen }, `no order of the steps of round ${this.past.length + 1} explains it`).toStrictEqual(
      tried,
    );
  }

  /** Brings the reference model to where it was after the last round. */
  private replay(): void {
    this.world = new RefWorld();
    this.known = [];
    this.world.moveTo(START);
    for (const { now, round, order, refs } of this.past) {
      this.carryOut(now, round, order);
      for (const attempt of this.world.allAttempts()) {
        if (attempt.number !== 0) continue;
        const ref = refs.get(this.placeOf(attempt))!;
        attempt.number = ref.number;
        this.known.push({ attempt, ref });
      }
    }
  }

  private carryOut(now: number, { steps }: Round, order: readonly number[]): unknown[] {
    this.world.moveTo(now);
    const answers: unknown[] = [];
    for (const index of order) {
      const { namespace, operation } = steps[index];
      answers[index] = answerOf(() => this.expect(namespace, operation));
    }
    return answers;
  }

  private placeOf(attempt: RefAttempt): string {
    const unit = this.world.unitOf(attempt)!;
    return place(attempt.namespace, attempt.spec, attempt.unit, unit.attempts.indexOf(attempt));
  }

  private async refsOfAll(): Promise<Map<string, AttemptRef>> {
    const { specs, units } = this.backend.repositories;
    const refs = new Map<string, AttemptRef>();
    for (const namespace of NAMESPACES) {
      for (const { name: spec } of await specs.list(namespace)) {
        for (const unit of await units.listNames(namespace, spec, {})) {
          const history = await units.attempts(namespace, spec, unit);
          history.forEach((ref, index) => refs.set(place(namespace, spec, unit, index), ref));
        }
      }
    }
    return refs;
  }
}

function place(namespace: string, spec: string, unit: string, index: number): string {
  return JSON.stringify([namespace, spec, unit, index]);
}

/** Every order of so many steps, that in which they began first. */
function* ordersOf(many: number, taken: readonly number[] = []): Generator<readonly number[]> {
  if (taken.length === many) yield taken;
  for (let index = 0; index < many; index++) {
    if (!taken.includes(index)) yield* ordersOf(many, [...taken, index]);
  }
}
