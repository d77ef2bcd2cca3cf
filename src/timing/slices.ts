import { performance } from 'node:perf_hooks';

/** How long one piece of long work keeps the event loop before others have their turn, in milliseconds. */
const SLICE_MS = 5;
/** How long all pieces of long work that begin in one turn of the event loop may keep it together, in milliseconds. */
const TURN_MS = 2 * SLICE_MS;
/** How many steps are taken between two looks at the clock, which costs about as much as a small step. */
const STEPS_PER_LOOK = 64;

/** When the time is over that those share who begin in this turn; 0: none of them has taken long enough to look. */
let turnEnd = 0;

function endOfTurn(now: number): number {
  if (turnEnd === 0) {
    turnEnd = now + TURN_MS;
    setImmediate(beginTurn);
  }
  return turnEnd;
}

function beginTurn(): void {
  turnEnd = 0;
}

/** Pieces of long work that wait for their turn, in the order they came. */
const waiting: (() => void)[] = [];

/** Lets one of those that wait go on, and the next one in the next turn of the event loop. */
function letOneOn(): void {
  // Whoever has waited has a whole slice, whatever others have begun meanwhile.
  beginTurn();
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(letOneOn);
}

/**
 * Resolves when the event loop has looked after everybody else. However many pieces of long work there are in the
 * process, one of them goes on in each turn of the loop, so that what is short waits for one slice and not for all.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.length === 0) setImmediate(letOneOn);
    waiting.push(resolve);
  });
}

/**
 * Cuts long work into slices. The work says after each of its small steps that it is done, and waits where it is told to:
 *
 *     const slices = new Slices();
 *     for (const each of many) {
 *       work(each);
 *       if (slices.isOver()) await slices.next();
 *     }
 *
 * Whoever waits must be ready for others to have changed what it works on, or must have kept them out. Hundreds that begin in one
 * turn share its time: those that come late have a few steps of it each.
 */
export class Slices {
  private steps = 0;
  private end: number;

  /**
   * @param lengthMs how long a slice may take, in milliseconds
   * @param stepsPerLook how many small steps are taken between two looks at the clock
   */
  constructor(
    private readonly lengthMs = SLICE_MS,
    private readonly stepsPerLook = STEPS_PER_LOOK,
  ) {
    this.end = performance.now() + lengthMs;
  }

  /** Whether the slice is over. @param weight how many small steps have been taken since the last call */
  isOver(weight = 1): boolean {
    this.steps += weight;
    if (this.steps < this.stepsPerLook) return false;
    this.steps = 0;
    const now = performance.now();
    return now >= this.end || now >= endOfTurn(now);
  }

  /** Waits for the next turn, in which the next slice begins. */
  async next(): Promise<void> {
    await nextTurn();
    this.begin();
  }

  /** Begins a slice now: for work that goes on by itself in another turn. */
  begin(): void {
    this.steps = 0;
    this.end = performance.now() + this.lengthMs;
  }
}

/** Does steps, each of which tells how many small ones it was, to their end. */
export async function inSlices<T>(steps: Generator<number, T>, slices: Slices): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (slices.isOver(step.value)) await slices.next();
  }
}

/** What `read` makes of each of some things, in slices where they are very many. */
export async function mapInSlices<I, T>(items: readonly I[], read: (item: I) => T): Promise<T[]> {
  const slices = new Slices();
  const all: T[] = [];
  for (const item of items) {
    all.push(read(item));
    if (slices.isOver()) await slices.next();
  }
  return all;
}
