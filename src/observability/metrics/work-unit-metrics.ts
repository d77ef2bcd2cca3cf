import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import { SECOND } from '../../domain/time.js';
import type { SpecCondition } from '../../domain/work-unit.js';
import { WORK_UNIT_STATUSES } from '../../domain/work-unit.js';
import { ATTEMPT_OUTCOMES } from '../../domain/attempt-outcome.js';
import { ReadSeries } from './read-counter.js';
import type { HistogramReading } from './read-histogram.js';
import { ReadHistogram } from './read-histogram.js';
import { COUNTING_BOUNDS, StorageView } from './storage-view.js';
import type { Tally } from '../../timing/tally.js';
import type { ShownSpec } from './shown-specs.js';
import { WORK_BOUNDS } from '../../domain/history.js';

const SPEC_LABELS = ['namespace', 'work_spec'] as const;

/**
 * How the work stands, as the storage last said, and what this daemon has done with it. A spec that went away leaves
 * no trace. What the storage counts is not shown while it is away.
 */
@Injectable()
export class WorkUnitMetrics {
  constructor(
    private readonly registry: Registry,
    private readonly view: StorageView,
  ) {
    this.standing();
    this.doing();
  }

  private standing(): void {
    const { view } = this;
    const registers = [this.registry];
    this.registry.registerMetric(
      new ReadHistogram(
        'coordinate_summary_seconds',
        'Seconds taken to count the work units by status',
        COUNTING_BOUNDS,
        () => [{ labels: {}, ...reading(view.seconds) }],
      ),
    );
    new Gauge({
      name: 'coordinate_work_units',
      help: 'Work units by namespace, work spec and status; none where there are none',
      labelNames: [...SPEC_LABELS, 'status'],
      registers,
      collect() {
        this.reset();
        for (const spec of seen(view)) {
          for (const status of WORK_UNIT_STATUSES) {
            if (spec.counts[status] > 0) this.set({ ...labelsOf(spec), status }, spec.counts[status]);
          }
        }
      },
    });
    new Gauge({
      name: 'coordinate_oldest_available_seconds',
      help: 'Seconds for which the work unit that has been available longest has been so; 0 where none is',
      labelNames: SPEC_LABELS,
      registers,
      collect() {
        this.reset();
        for (const spec of seen(view)) this.set(labelsOf(spec), (spec.oldestAvailable ?? 0) / SECOND);
      },
    });
    new Gauge({
      name: 'coordinate_limited_until_timestamp_seconds',
      help: 'Until when the rate limit of a work spec keeps all of it back, in seconds since 1970; none where it does not',
      labelNames: SPEC_LABELS,
      registers,
      collect() {
        this.reset();
        for (const spec of seen(view)) {
          if (spec.limitedUntil !== undefined) this.set(labelsOf(spec), spec.limitedUntil / SECOND);
        }
      },
    });
  }

  private doing(): void {
    const { registry } = this;
    const specs = (): readonly ShownSpec[] => this.view.shown;
    const registers = [registry];
    new Counter({
      name: 'coordinate_added_total',
      help: 'Work units that were added, or added again',
      labelNames: SPEC_LABELS,
      registers,
      collect() {
        this.reset();
        for (const { condition, done } of specs()) this.inc(labelsOf(condition), done?.adds ?? 0);
      },
    });
    new Counter({
      name: 'coordinate_claims_total',
      help: 'Work units that claims gave out',
      labelNames: SPEC_LABELS,
      registers,
      collect() {
        this.reset();
        for (const { condition, done } of specs()) this.inc(labelsOf(condition), done?.claims ?? 0);
      },
    });
    new Gauge({
      name: 'coordinate_last_claim_timestamp_seconds',
      help: 'When a claim last gave out a work unit, in seconds since 1970; none where none has since the daemon started',
      labelNames: SPEC_LABELS,
      registers,
      collect() {
        this.reset();
        for (const { condition, done } of specs())
          if (done?.lastClaim) this.set(labelsOf(condition), done.lastClaim / SECOND);
      },
    });
    registry.registerMetric(
      new ReadSeries('coordinate_attempts_total', 'Attempts that ended, by how', () =>
        specs().flatMap(({ condition, done }) =>
          ATTEMPT_OUTCOMES.map((outcome) => ({
            labels: { ...labelsOf(condition), outcome },
            value: done?.ends[outcome]?.count ?? 0,
          })),
        ),
      ),
    );
    registry.registerMetric(
      new ReadHistogram(
        'coordinate_wait_seconds',
        'Seconds that work units had been available when a claim gave them out',
        WORK_BOUNDS,
        () => specs().flatMap(({ condition, done }) => series(labelsOf(condition), done?.waited)),
      ),
    );
    registry.registerMetric(
      new ReadHistogram(
        'coordinate_attempt_seconds',
        'Seconds from the start of attempts to their end, by how they ended',
        WORK_BOUNDS,
        () =>
          specs().flatMap(({ condition, done }) =>
            ATTEMPT_OUTCOMES.flatMap((outcome) => series({ ...labelsOf(condition), outcome }, done?.ends[outcome])),
          ),
      ),
    );
  }
}

/** The specs as they stand; none while the storage can not say. */
function seen({ trouble, shown }: StorageView): readonly SpecCondition[] {
  return trouble === undefined ? shown.map(({ condition }) => condition) : [];
}

function labelsOf({ namespace, workSpec }: SpecCondition): { namespace: string; work_spec: string } {
  return { namespace, work_spec: workSpec };
}

function reading({ counts, sum }: Tally): Pick<HistogramReading, 'counts' | 'sum'> {
  return { counts, sum };
}

function series(labels: Record<string, string>, tally: Tally | undefined): HistogramReading[] {
  return tally ? [{ labels, ...reading(tally) }] : [];
}
