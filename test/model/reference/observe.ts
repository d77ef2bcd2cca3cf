import type { Observation, SeenAttempt } from '../observation.js';
import { limitedUntil } from './rate.js';
import type { RefAttempt, RefNamespace, RefSpec, RefUnit, RefWorker } from './state.js';
import { hexOf } from './state.js';
import { stillClaimed } from './workers.js';
import type { RefWorld } from './world.js';

const STATUSES = ['available', 'delayed', 'pending', 'finished', 'failed'] as const;

/** What a backend must show of a world. */
export function observeReference(world: RefWorld, names: readonly string[]): Observation {
  const seen: Observation = { names: world.namespaces.map(({ name }) => name).sort() };
  for (const name of names) {
    const namespace = world.namespace(name) ?? { name, specs: [], workers: [] };
    seen[name] = {
      exists: world.namespace(name) !== undefined,
      specs: byName(namespace.specs).map((spec) => observeSpec(world, spec)),
      overview: byName(namespace.specs).map((spec) => observeHeldBack(world, namespace, spec)),
      workers: observeWorkers(world, namespace),
      summary: byName(namespace.specs).flatMap((spec) =>
        STATUSES.map((status) => ({
          namespace: name,
          workSpec: spec.name,
          status,
          count: world.count(spec, status),
        })).filter(({ count }) => count > 0),
      ),
    };
  }
  return seen;
}

function byName<T extends { name: string }>(items: readonly T[]): T[] {
  return [...items].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function label(world: RefWorld, attempt: RefAttempt): string {
  const index = world.unitOf(attempt)!.attempts.indexOf(attempt);
  return `${attempt.namespace}/${attempt.spec}/${attempt.unit}#${index}`;
}

function observeSpec(world: RefWorld, spec: RefSpec): unknown {
  const counts = Object.fromEntries(STATUSES.map((status) => [status, world.count(spec, status)]));
  return {
    name: spec.name,
    data: hexOf({ name: spec.name, ...spec.fields }),
    meta: {
      ...spec.meta,
      flow: undefined,
      slots: spec.slots,
      availableCount: counts.available,
      pendingCount: counts.pending,
    },
    counts,
    units: byName(spec.units).map((unit) => observeUnit(world, unit)),
    histories: byName(spec.units).map((unit) => unit.attempts.map((attempt) => seenAttempt(world, attempt))),
  };
}

function observeHeldBack(world: RefWorld, namespace: RefNamespace, spec: RefSpec): unknown {
  return {
    name: spec.name,
    counts: Object.fromEntries(STATUSES.map((status) => [status, world.count(spec, status)])),
    waitingFor: world.waitedFor(namespace, spec),
    limitedUntil: limitedUntil(spec, world.now),
  };
}

function observeUnit(world: RefWorld, unit: RefUnit): unknown {
  return {
    name: unit.name,
    status: world.status(unit),
    data: hexOf(world.effectiveData(unit)),
    priority: unit.priority,
    notBefore: unit.notBefore,
    active: unit.active && `${label(world, unit.active)} ${unit.active.status}`,
  };
}

function seenAttempt(world: RefWorld, attempt: RefAttempt): SeenAttempt {
  return {
    label: label(world, attempt),
    worker: attempt.worker,
    status: attempt.status,
    start: attempt.start,
    end: attempt.end,
    expiration: attempt.expiration,
    data: hexOf(attempt.own ?? attempt.first),
  };
}

function observeWorkers(world: RefWorld, namespace: RefNamespace): unknown {
  const workers = byName(namespace.workers);
  const listed = workers.filter(({ name }) => name !== '');
  const active = listed.filter((worker) => world.isActive(worker));
  const reported = listed.filter((worker) => worker.reported);
  const both = active.filter((worker) => worker.reported);
  const names = (list: readonly RefWorker[]): string[] => list.map(({ name }) => name);
  return {
    found: workers.map((worker) => observeWorker(world, namespace, worker)),
    listed: listed.map((worker) => ({
      name: worker.name,
      active: world.isActive(worker),
      mode: worker.mode,
      parent: worker.parent,
      lastUpdate: worker.lastUpdate,
    })),
    active: names(active),
    reported: names(reported),
    stats: { workers: both.length, children: both.filter(({ parent }) => parent !== undefined).length },
  };
}

function observeWorker(world: RefWorld, { name: namespace }: RefNamespace, worker: RefWorker): unknown {
  const children = byName(world.children(namespace, worker.name));
  const labels = (attempts: readonly RefAttempt[]): string[] => attempts.map((attempt) => label(world, attempt));
  const isPending = ({ status }: RefAttempt): boolean => status === 'pending';
  const all = world.attemptsOf(namespace, worker.name);
  const ofChildren = world
    .allAttempts()
    .filter((attempt) => attempt.namespace === namespace && children.some(({ name }) => name === attempt.worker));
  return {
    worker: {
      name: worker.name,
      parent: worker.parent,
      children: children.map(({ name }) => name),
      active: world.isActive(worker),
      mode: worker.mode,
      data: hexOf(worker.data),
      lastUpdate: worker.lastUpdate,
      expiration: worker.expiration,
      lastClaim: worker.lastClaim,
    },
    active: labels(all.filter(isPending)),
    all: labels(all.filter(({ refused, status }) => !(refused && status === 'failed'))),
    ofChildren: labels(ofChildren.filter(isPending)),
    claimed: children
      .filter((child) => world.isActive(child))
      .map((child) => [child.name, stillClaimed(world, child).map((attempt) => claimedUnit(world, attempt))]),
  };
}

function claimedUnit(world: RefWorld, attempt: RefAttempt): string {
  const { active } = world.unitOf(attempt)!;
  const holder = active?.status === 'pending' ? label(world, active) : '-';
  return `${attempt.spec}/${attempt.unit} ${hexOf(attempt.own ?? attempt.first)} ${holder}`;
}
