import { unitsIn } from './output.js';
import type { Data, RefAttempt, RefUnit } from './state.js';
import { NEVER, QUARTER_HOUR } from './state.js';
import type { RefWorld } from './world.js';
import { Refused } from './world.js';

export type Action = 'renew' | 'expire' | 'finish' | 'fail' | 'retry' | 'cancel' | 'recall';

export interface Details {
  data?: Data;
  duration?: number;
  delay?: number;
  cause?: string;
  final?: boolean;
}

/** One transition of an attempt, as the rules say it call by call. */
export function transition(world: RefWorld, attempt: RefAttempt, action: Action, details: Details): void {
  const unit = world.unitOf(attempt)!;
  const pending = attempt.status === 'pending';
  const active = unit.active === attempt;
  const late = world.isLate(attempt);
  // It takes its unit back from those that are available.
  if (late && action !== 'expire') {
    attempt.countedAt = undefined;
    unit.isReady = false;
  }
  const store = (): void => {
    attempt.own = details.data ?? attempt.own;
  };
  const stopped = attempt.status === 'cancelled' || attempt.status === 'recalled';
  switch (action) {
    case 'renew': {
      const duration = details.duration ?? QUARTER_HOUR;
      if ((pending && active) || late) {
        store();
        if (duration > 0) {
          attempt.status = 'pending';
          attempt.expiration = world.now + duration;
          attempt.end = NEVER;
          attempt.ranOut = undefined;
          attempt.onLapse = world.lapse(attempt.namespace, attempt.spec, unit);
          unit.active = attempt;
        } else {
          world.end(attempt, 'expired');
          unit.active = undefined;
        }
        return;
      }
      if (pending || attempt.status === 'expired') {
        store();
        world.end(attempt, 'expired');
        throw new Refused('ErrLostLease');
      }
      throw new Refused(stopped ? 'ErrLostLease' : 'ErrNotPending');
    }
    case 'cancel':
    case 'recall':
      if (stopped) return;
      if (!pending && !late) throw new Refused('ErrNotPending');
      store();
      world.end(attempt, action === 'cancel' ? 'cancelled' : 'recalled');
      if (!active && !late) return;
      unit.active = action === 'cancel' ? attempt : undefined;
      return;
    case 'expire':
      if (attempt.status === 'expired') return;
      if (!pending) throw new Refused('ErrNotPending');
      store();
      world.end(attempt, 'expired');
      if (active) unit.active = undefined;
      return;
    case 'finish':
      if (!pending && !late && !(attempt.status === 'failed' && active)) throw new Refused('ErrNotPending');
      store();
      world.end(attempt, 'finished');
      if (late) unit.active = attempt;
      if (unit.active === attempt) chain(world, attempt, unit);
      return;
    case 'fail':
      if (!pending && !late) throw new Refused('ErrNotPending');
      store();
      world.end(attempt, 'failed');
      if (late) unit.active = attempt;
      if (unit.active === attempt) retryLater(world, attempt, unit, details);
      return;
    case 'retry':
      if (!pending && !late) throw new Refused('ErrNotPending');
      store();
      world.end(attempt, 'retryable');
      if (!active && !late) return;
      unit.active = undefined;
      unit.notBefore = world.now + (details.delay ?? 0);
      return;
  }
}

/** What the spec's policy makes of a failure. */
function retryLater(world: RefWorld, attempt: RefAttempt, unit: RefUnit, { cause = '', final }: Details): void {
  const retry = world.retry(attempt.namespace, attempt.spec);
  if (!retry) return;
  attempt.countedAt = world.event();
  const failures = world.failures(unit);
  if (final || failures >= retry.attempts || retry.except?.some((each) => cause.startsWith(each))) return;
  unit.active = undefined;
  unit.notBefore = world.now + world.pause(retry, failures);
}

function chain(world: RefWorld, attempt: RefAttempt, unit: RefUnit): void {
  const { meta } = world.spec(attempt.namespace, attempt.spec);
  const next = world.namespace(attempt.namespace)!.specs.find(({ name }) => name === meta.nextWorkSpecName);
  if (!next) return;
  for (const { name, data, priority, delay } of unitsIn(world.effectiveData(unit))) {
    const notBefore = delay === undefined ? NEVER : world.now + delay * 1e6;
    world.put(next, name, { data, priority, notBefore });
  }
}
