import type { Awaitable } from '../../domain/awaitable.js';
import { whenReady } from '../../domain/awaitable.js';
import { COUNTED } from '../../domain/history.js';
import type { NamespaceOverview, SpecOverview } from '../../domain/overview.js';
import { RATE_MINUTES } from '../../domain/overview.js';
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
}

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
    recent: RATE_MINUTES.map((minutes) => {
      const sums = new Float64Array(COUNTED.length);
      history.countRecent(sums, minutes, now);
      return Array.from(sums);
    }),
  };
}
