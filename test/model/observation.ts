import type { Attempt, AttemptRef } from '../../src/domain/attempt.js';
import type { WorkUnit } from '../../src/domain/work-unit.js';
import type { Repositories } from '../contract/harness.js';
import { hex } from '../contract/data.js';
import { attemptsOf } from '../contract/attempts.js';

/**
 * Everything that can be seen of the namespaces, as plain values: two observations are equal when the worlds are. An
 * attempt is told by its unit and its place in the history of that, since numbers are the backend's own.
 */
export type Observation = Record<string, unknown>;

/** How an attempt is called in observations. */
export type Label = (attempt: AttemptRef) => string;

export interface SeenAttempt {
  label: string;
  worker: string;
  status: string;
  start: number;
  end: number;
  expiration: number;
  data: string;
}

/** Asks a backend everything. `reversed` asks in another order, so that no question relies on one before it. */
export async function observe(
  { namespaces, specs, units, attempts, workers, overview }: Repositories,
  names: readonly string[],
  reversed: boolean,
): Promise<Observation> {
  const labels = new Map<number, string>();
  const label: Label = ({ number }) => labels.get(number) ?? 'unknown';
  const seen = (attempt: Attempt): SeenAttempt => ({
    label: label(attempt),
    worker: attempt.worker,
    status: attempt.status,
    start: attempt.start,
    end: attempt.end,
    expiration: attempt.expiration,
    data: hex(attempt.data),
  });
  const seenUnit = (unit: WorkUnit): unknown => ({
    name: unit.name,
    status: unit.status,
    data: hex(unit.data),
    priority: unit.priority,
    notBefore: unit.notBefore,
    active: unit.activeAttempt && `${label(unit.activeAttempt)} ${unit.activeAttempt.status}`,
  });

  const observeSpecs = async (namespace: string): Promise<unknown> => {
    const found: unknown[] = [];
    for (const spec of await specs.list(namespace)) {
      const names = await units.listNames(namespace, spec.name, {});
      const histories: unknown[] = [];
      for (const name of names) {
        const history = await units.attempts(namespace, spec.name, name);
        history.forEach(({ number }, index) => labels.set(number, `${namespace}/${spec.name}/${name}#${index}`));
        histories.push(history.map(seen));
        if ((await units.numAttempts(namespace, spec.name, name)) !== history.length) throw new Error('wrong number');
      }
      found.push({
        name: spec.name,
        data: hex(spec.data),
        // What it says under flow is seen by what becomes of the units; how far its schedule is, here.
        meta: { ...(await specs.meta(namespace, spec.name, true)), flow: undefined },
        counts: await specs.counts(namespace, spec.name),
        units: (await units.list(namespace, spec.name, {})).map(seenUnit),
        histories,
      });
    }
    return found;
  };

  const observeWorkers = async (namespace: string): Promise<unknown> => {
    const listed = await workers.list(namespace, {});
    const found: unknown[] = [];
    for (const name of ['', ...listed.map((worker) => worker.name)]) {
      const worker = await workers.find(namespace, name);
      if (!worker) continue;
      const claimed = await workers.claimedByChildren(namespace, name);
      found.push({
        worker: { ...worker, data: hex(worker.data) },
        active: (await attemptsOf(attempts, 'active', namespace, name)).map(label),
        all: (await attemptsOf(attempts, 'all', namespace, name)).map(label),
        ofChildren: (await attemptsOf(attempts, 'of children', namespace, name)).map(label),
        claimed: [...claimed].map(([child, list]) => [
          child,
          list.map(
            (unit) => `${unit.workSpec}/${unit.workUnit} ${hex(unit.data)} ${unit.holder ? label(unit.holder) : '-'}`,
          ),
        ]),
      });
    }
    return {
      found,
      listed,
      active: (await workers.list(namespace, { active: true })).map(({ name }) => name),
      reported: (await workers.list(namespace, { reported: true })).map(({ name }) => name),
      stats: await workers.stats(namespace),
    };
  };

  const observeHeldBack = async (namespace: string): Promise<unknown> =>
    (await overview.read(namespace)).specs.map(({ workSpec, counts, waitingFor, limitedUntil }) => ({
      name: workSpec,
      counts,
      waitingFor: [...waitingFor],
      limitedUntil,
    }));

  const seenIn: Observation = { names: await namespaces.list() };
  for (const namespace of reversed ? [...names].reverse() : names) {
    const summary = reversed ? undefined : await namespaces.summarize(namespace);
    const heldBack = reversed ? await observeHeldBack(namespace) : undefined;
    // Labels are made where the histories are read, so that workers come after; a look at one comes before all.
    if (reversed) await attemptsOf(attempts, 'active', namespace, 'w0');
    const specsSeen = await observeSpecs(namespace);
    seenIn[namespace] = {
      exists: await namespaces.exists(namespace),
      specs: specsSeen,
      overview: heldBack ?? (await observeHeldBack(namespace)),
      workers: await observeWorkers(namespace),
      summary: summary ?? (await namespaces.summarize(namespace)),
    };
  }
  return seenIn;
}
