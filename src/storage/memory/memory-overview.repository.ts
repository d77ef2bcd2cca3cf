import type { Awaitable } from '../../domain/awaitable.js';
import { whenReady } from '../../domain/awaitable.js';
import { causeId } from '../../domain/cause.js';
import { COUNTED } from '../../domain/history.js';
import type { Failure, NamespaceOverview, SpecOverview } from '../../domain/overview.js';
import { NO_RECENT_WORK, RATE_MINUTES } from '../../domain/overview.js';
import type { Micros } from '../../domain/time.js';
import { OverviewRepository } from '../../live/overview/overview.repository.js';
import { inOrder, lookAtSpecs, mustWaitForUnknown } from './looking.js';
import type { MemoryStore } from './memory-store.js';
import type { SpecState } from './spec-state.js';

export class MemoryOverviewRepository extends OverviewRepository {
  constructor(private readonly store: MemoryStore) {
    super();
  }

  /** While a long change of a spec is under way it stands as it did before. */
  override read(namespace: string): Awaitable<NamespaceOverview> {
    let moment = this.store.now();
    const looked = lookAtSpecs(this.store, namespace, mustWaitForUnknown, (spec, now) => {
      moment = now;
      return overviewOf(spec, now);
    });
    const sorted = whenReady(looked, (all) => inOrder(this.store, all, ({ value }) => [value]));
    return whenReady(sorted, (specs) => ({ now: moment, specs }));
  }

  /** What a long change that is under way has done so far is told when it is over. */
  override failures(namespace: string, workSpecs: readonly string[], since: Micros, limit: number): Failure[] {
    const specs = this.store.find(namespace)?.specs;
    return workSpecs
      .flatMap((name) => {
        const spec = specs?.get(name);
        return spec && !spec.gate.isClosed ? failuresOf(spec, since, limit) : [];
      })
      .sort((a, b) => a.at - b.at);
  }
}

function failuresOf({ work, definition }: SpecState, since: Micros, limit: number): Failure[] {
  const { failed, units, attempts } = work;
  return failed.since(since, limit).map((unit) => {
    const worker = attempts.workerOf(units.latest(unit)).name;
    return {
      workSpec: definition.name,
      workUnit: work.nameOf(unit),
      worker,
      at: units.moment(unit),
      failure: causeId(failed.numberOf(unit)),
      cause: failed.textOf(unit),
    };
  });
}

const NOTHING: readonly string[] = [];

function overviewOf(spec: SpecState, now: Micros): SpecOverview {
  const { counts, since } = spec.before ?? spec.condition;
  const { history, work, definition } = spec;
  return {
    workSpec: definition.name,
    counts,
    meta: spec.metaAt(now),
    availableSince: since,
    lastClaim: history.recorder.lastClaim || undefined,
    workers: work.attempts.workersAtWork(now),
    recent: history.hasRecent
      ? RATE_MINUTES.map((minutes) => {
          const sums = COUNTED.map(() => 0);
          history.countRecent(sums, minutes, now);
          return sums;
        })
      : NO_RECENT_WORK,
    limitedUntil: spec.limits?.limitedUntil(now),
    waitingFor: spec.limits?.blockers(now) ?? NOTHING,
  };
}
