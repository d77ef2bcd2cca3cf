import { spend, tokens } from './rate.js';
import type { RefAttempt, RefNamespace, RefSpec } from './state.js';
import { NEVER } from './state.js';
import type { RefWorld } from './world.js';

export interface ClaimAsk {
  worker: string;
  units: number;
  lifetime: number;
  workSpecs?: string[];
  runtimes?: string[];
  availableGb?: number;
}

/** Claims work, drawing by one number in [0, 1) however often it draws. @returns the attempts handed out */
export function claim(world: RefWorld, namespace: string, ask: ClaimAsk, random: number): RefAttempt[] {
  const place = world.ensureNamespace(namespace);
  const worker = world.ensureWorker(namespace, ask.worker);
  worker.latestClaim = [];
  for (;;) {
    const spec = choose(world, candidates(world, place, ask), random);
    if (!spec) return [];
    const batch = take(world, place, spec, ask);
    if (batch.length === 0) continue;
    worker.lastClaim = world.now;
    worker.latestClaim = batch;
    return batch;
  }
}

/** Whether there is anything to give to a claim, if only units that have been tried too often. */
export function couldGive(world: RefWorld, namespace: string, ask: ClaimAsk): boolean {
  const place = world.namespace(namespace);
  return place !== undefined && candidates(world, place, ask).length > 0;
}

function candidates(world: RefWorld, namespace: RefNamespace, ask: ClaimAsk): RefSpec[] {
  return namespace.specs.filter((spec) => {
    const { meta, name } = spec;
    if (ask.workSpecs?.length && !ask.workSpecs.includes(name)) return false;
    if (ask.runtimes?.length && !ask.runtimes.includes(meta.runtime)) return false;
    if (meta.paused || meta.weight <= 0) return false;
    if (meta.maxRunning > 0 && world.count(spec, 'pending') >= meta.maxRunning) return false;
    if (ask.availableGb !== undefined && ask.availableGb > 0 && meta.minMemoryGb > ask.availableGb) return false;
    if (world.waitedFor(namespace, spec).length > 0 || tokens(spec, world.now) < 1) return false;
    return world.count(spec, 'available') > 0 || startsContinuous(world, spec);
  });
}

function startsContinuous(world: RefWorld, spec: RefSpec): boolean {
  if (world.count(spec, 'available') > 0 || world.count(spec, 'pending') > 0) return false;
  return spec.meta.continuous && world.now >= spec.meta.nextContinuous;
}

function choose(world: RefWorld, specs: RefSpec[], random: number): RefSpec | undefined {
  const highest = Math.max(...specs.map(({ meta }) => meta.priority));
  const among = specs.filter(({ meta }) => meta.priority === highest);
  const pending = among.map((spec) => world.count(spec, 'pending'));
  const allPending = pending.reduce((a, b) => a + b, 0);
  const allWeight = among.reduce((sum, { meta }) => sum + meta.weight, 0);
  const scores = among.map(({ meta }, index) =>
    Math.max(0, meta.weight * (allPending + 1) - allWeight * pending[index]),
  );
  let point = random * scores.reduce((a, b) => a + b, 0);
  return among.find((_, index) => (point -= scores[index]) < 0);
}

function take(world: RefWorld, namespace: RefNamespace, spec: RefSpec, ask: ClaimAsk): RefAttempt[] {
  const { meta } = spec;
  if (startsContinuous(world, spec)) makeContinuous(world, spec);
  let size = Math.max(1, ask.units);
  if (meta.maxAttemptsReturned > 0) size = Math.min(size, meta.maxAttemptsReturned);
  if (meta.maxRunning > 0) size = Math.min(size, meta.maxRunning - world.count(spec, 'pending'));
  size = Math.min(size, tokens(spec, world.now));
  const chosen = spec.units
    .filter((unit) => world.status(unit) === 'available')
    .sort((a, b) => b.priority - a.priority || (a.name < b.name ? -1 : 1))
    .slice(0, size);
  const handedOut: RefAttempt[] = [];
  for (const unit of chosen) {
    const tooOften = meta.maxRetries > 0 && world.tries(unit) >= meta.maxRetries;
    const last = unit.attempts.at(-1);
    const attempt = world.begin(namespace.name, spec.name, unit, ask.worker, ask.lifetime);
    if (tooOften) {
      const { traceback } = last!.own ?? last!.first;
      attempt.own = {
        traceback: 'too many retries',
        ...(traceback !== null && traceback !== undefined && { last: traceback }),
      };
      attempt.refused = true;
      world.end(attempt, 'failed');
    } else handedOut.push(attempt);
  }
  spend(spec, handedOut.length, world.now);
  return handedOut;
}

function makeContinuous(world: RefWorld, spec: RefSpec): void {
  let name = '';
  let milliseconds = Math.floor(world.now / 1000);
  do name = (milliseconds++ / 1000).toFixed(3);
  while (spec.units.some((unit) => unit.name === name));
  world.put(spec, name, { data: {}, priority: 0, notBefore: NEVER });
  spec.meta.lastContinuous = world.now;
  spec.meta.nextContinuous = world.now + Number(spec.meta.intervalNs) / 1000;
}
