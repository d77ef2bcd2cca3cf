import type { Data } from './state.js';
import { transition } from './transitions.js';
import type { RefWorld } from './world.js';

export interface ReportAsk {
  spec: string;
  unit: string;
  status?: 'available' | 'pending' | 'finished' | 'failed';
  data?: Data;
  lifetime: number;
  worker?: string;
}

/** A worker's word on a unit that it names, case by case. */
export function report(world: RefWorld, namespace: string, ask: ReportAsk): object {
  const spec = world.spec(namespace, ask.spec);
  if (ask.worker !== undefined) world.ensureWorker(namespace, ask.worker);
  const unit = spec.units.find(({ name }) => name === ask.unit);
  if (!unit) return { changed: false, reason: 'no such work unit' };
  const status = world.status(unit);
  const active = unit.active;
  const details = { data: ask.data, duration: ask.lifetime, final: ask.data?.final === true };
  if (status === 'pending' && ask.worker !== undefined && active!.worker !== ask.worker) {
    return { changed: false, reason: 'held by another', holder: active!.worker };
  }

  const last = unit.attempts.at(-1);
  if (status !== 'pending' && status !== 'finished' && (last?.status === 'cancelled' || last?.status === 'recalled')) {
    const isItsWorker = ask.worker === last.worker;
    const comesHome = ['pending', 'finished', 'failed'].includes(ask.status ?? 'none');
    if (isItsWorker || (status === 'failed' && ask.status !== 'available') || (comesHome && ask.worker === undefined))
      return { changed: false, reason: 'cancelled' };
  }

  if (status === 'pending') {
    if (ask.status === undefined || ask.status === 'pending') transition(world, active!, 'renew', details);
    else if (ask.status === 'available') transition(world, active!, 'expire', details);
    else if (ask.status === 'finished') transition(world, active!, 'finish', details);
    else transition(world, active!, 'fail', details);
    return { changed: true };
  }

  if (status === 'finished' || status === 'failed') {
    if (ask.status === 'pending') return { changed: false, reason: 'refused', unit: status };
    if (ask.status === 'available') world.clear(unit);
    if (ask.status === 'finished' && status === 'failed') transition(world, active!, 'finish', details);
    return { changed: true };
  }

  if (ask.status === undefined || ask.status === 'available') {
    if (ask.data) world.put(spec, unit.name, { data: ask.data, priority: unit.priority, notBefore: unit.notBefore });
    return { changed: ask.data !== undefined || ask.status === 'available' };
  }
  const latest = unit.attempts.at(-1);
  const isRepeated = latest?.status === 'failed' && world.failures(unit) > 0 && ask.status === 'failed';
  if (isRepeated && world.retry(namespace, ask.spec) && (ask.worker ?? latest.worker) === latest.worker) {
    return { changed: true };
  }
  const late = latest && world.isLate(latest) && (ask.worker ?? latest.worker) === latest.worker;
  const attempt = late
    ? latest
    : world.begin(namespace, spec.name, unit, ask.worker ?? latest?.worker ?? '', Math.max(0, ask.lifetime));
  const action = { pending: 'renew', finished: 'finish', failed: 'fail' } as const;
  transition(world, attempt, action[ask.status], details);
  return { changed: true };
}
