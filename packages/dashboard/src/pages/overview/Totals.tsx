import type { UnitCounts } from 'coordinate-client';
import { CountsBar, STATUSES } from '../../components/CountsBar.js';
import { CountsNumbers } from '../../components/CountsNumbers.js';
import { Icon } from '../../components/Icon.js';
import type { WorkSpecOverview } from '../../data/overview.js';
import { rate } from '../../format/numbers.js';
import type { SpecState } from './spec-state.js';
import { stateOf, STATES } from './spec-state.js';

/** All specs together: how many units there are of what, how fast it goes, and how many specs are in which state. */
export function Totals({
  specs,
  state,
  onState,
}: {
  readonly specs: readonly WorkSpecOverview[];
  readonly state: string | undefined;
  readonly onState: (state: string | undefined) => void;
}) {
  const sum = { available: 0, pending: 0, finished: 0, failed: 0, delayed: 0 };
  let perSecond = 0;
  const states = new Map<SpecState, number>();
  for (const spec of specs) {
    for (const status of STATUSES) sum[status] += spec.counts[status];
    perSecond += spec.rates.lastMinute.finished;
    const one = stateOf(spec);
    states.set(one, (states.get(one) ?? 0) + 1);
  }
  const counts: UnitCounts = sum;
  return (
    <section className="totals" aria-label="All together">
      <CountsNumbers counts={counts}>
        <div>
          <dt>done per second</dt>
          <dd>{rate(perSecond)}</dd>
          <dd className="muted">last minute</dd>
        </div>
      </CountsNumbers>
      <CountsBar counts={counts} />
      <div className="bar" role="group" aria-label="Specs by state">
        {(Object.keys(STATES) as SpecState[])
          .filter((one) => states.has(one) || one === state)
          .map((one) => (
            <button
              key={one}
              type="button"
              className={`chip tone-${STATES[one].tone}`}
              aria-pressed={state === one}
              title={STATES[one].title}
              onClick={() => onState(state === one ? undefined : one)}
            >
              <Icon name={STATES[one].icon} />
              {one} <span className="chip-count">{states.get(one) ?? 0}</span>
            </button>
          ))}
      </div>
    </section>
  );
}
