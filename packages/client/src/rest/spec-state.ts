import type { WorkSpecOverview } from './overview.js';

/** How a work spec is doing, in a word; in the order in which somebody should look. */
export const SPEC_STATES = [
  'failing',
  'starving',
  'paused',
  'limited',
  'blocked',
  'waiting',
  'running',
  'delayed',
  'scheduled',
  'done',
  'empty',
] as const;

/**
 * `failing`: of what ended in the last five minutes, more than a tenth failed; `starving`: units are available, and nobody has taken any
 * for five minutes; `paused`; `limited`: as much is being worked on as `max_running` or a rate limit lets; `blocked`: it waits for
 * others, which have work left; `waiting`: there is work for whoever asks for some; `running`: it is being worked on; `delayed`: what is
 * left may not be done yet; `scheduled`: nothing is left until its next slot makes a unit; `done`: nothing is left; `empty`: it has no
 * units.
 */
export type SpecState = (typeof SPEC_STATES)[number];

/** How a work spec is doing, and what makes it so. */
export interface SpecStanding {
  readonly state: SpecState;
  /** When its schedule, or a continuous work spec, makes the next unit. */
  readonly nextSlot: Date | undefined;
  /** What keeps it from being done, in a few words; '' where nothing does. */
  readonly why: string;
}

/** From which part of what ended on a work spec is failing. */
const FAILING = 0.1;

/** So long nobody has taken anything of what starves, in milliseconds. */
const STARVING_MS = 300_000;

/**
 * How a work spec is doing.
 * @param now the moment that the overview is of, or the present where events keep it up to date
 * @param specs those of its namespace: for what is done before it
 */
export function standingOf(spec: WorkSpecOverview, now: Date, specs: readonly WorkSpecOverview[] = []): SpecStanding {
  const [state, why] = stateAndWhy(spec, now.getTime(), specs);
  return { state, nextSlot: nextSlotOf(spec), why };
}

function nextSlotOf({ meta }: WorkSpecOverview): Date | undefined {
  return meta.nextSlot ?? (meta.continuous ? meta.nextContinuous : undefined);
}

type StateAndWhy = readonly [state: SpecState, why: string];

function stateAndWhy(spec: WorkSpecOverview, now: number, specs: readonly WorkSpecOverview[]): StateAndWhy {
  const { counts, rates, meta } = spec;
  const { available, pending, delayed, finished, failed } = counts;
  if (spec.paused) return ['paused', 'nothing is handed out until it is resumed'];
  const { last5Minutes } = rates;
  const ended = last5Minutes.finished + last5Minutes.failed;
  if (ended > 0 && last5Minutes.failed > ended * FAILING)
    return ['failing', `${percent(last5Minutes.failed / ended)} of what ended in the last 5 minutes failed`];
  if (available > 0) {
    if (spec.waitingFor.length > 0) return ['blocked', `comes after ${spec.waitingFor.join(', ')}`];
    const limit = limitOf(spec, now);
    if (limit !== undefined) return ['limited', limit];
    if (spec.workers === 0 && rates.lastMinute.claimed === 0) return unclaimed(spec, now, specs);
  }
  if (available > 0 || pending > 0) return ['running', ''];
  if (delayed > 0) return ['delayed', 'what is left may not be done yet'];
  const slot = nextSlotOf(spec);
  // A unit of a continuous work spec is made when a claim asks for one.
  if (meta.continuous && (slot === undefined || slot.getTime() <= now))
    return ['waiting', 'the next claim makes a unit'];
  if (slot !== undefined) return ['scheduled', ''];
  return [finished + failed > 0 ? 'done' : 'empty', ''];
}

/** Which limit keeps what is available from being handed out. */
function limitOf({ counts, meta, limitedUntil }: WorkSpecOverview, now: number): string | undefined {
  if (meta.maxRunning > 0 && counts.pending >= meta.maxRunning) return `max_running is ${meta.maxRunning}`;
  if (limitedUntil === undefined || limitedUntil.getTime() <= now) return undefined;
  return `rate_limit until ${limitedUntil.toISOString()}`;
}

/** What has units available that nobody has taken lately. */
function unclaimed(spec: WorkSpecOverview, now: number, specs: readonly WorkSpecOverview[]): StateAndWhy {
  const { oldestAvailable, rates } = spec;
  const waited = oldestAvailable === undefined ? 0 : now - oldestAvailable.getTime();
  const isStarving = waited > STARVING_MS && rates.last5Minutes.claimed === 0;
  const { weight, priority, minMemoryGb, runtime } = spec.meta;
  const state = isStarving ? 'starving' : 'waiting';
  if (weight <= 0) return [state, `a weight of ${weight} is never handed out`];
  const above = specs.find((other) => other.meta.priority > priority && canBeHandedOut(other, now));
  if (above) return [state, `${above.name} has a higher priority and work left`];
  if (!isStarving) return [state, 'nobody has claimed it yet'];
  const asked = [minMemoryGb > 0 ? `${minMemoryGb} GB` : '', runtime && `runtime ${runtime}`].filter(Boolean);
  const of = asked.length === 0 ? '' : ` of the workers that have ${asked.join(' and ')}`;
  return [state, `nobody${of} has claimed it for ${Math.floor(waited / 60_000)} minutes`];
}

function canBeHandedOut(spec: WorkSpecOverview, now: number): boolean {
  const isHeld = spec.paused || spec.waitingFor.length > 0 || limitOf(spec, now) !== undefined;
  return spec.counts.available > 0 && spec.meta.weight > 0 && !isHeld;
}

function percent(part: number): string {
  return `${Math.round(part * 100)}%`;
}
