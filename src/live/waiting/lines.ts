import { type Claim, type ClaimRequest, NO_CLAIM } from '../../domain/attempt.js';
import { namesAsked } from '../../domain/scheduler/eligibility.js';
import { leastIndex } from '../../structures/least-index.js';
import type { Waiter } from './waiter.js';

type Waiting = Waiter<Line>;

/** What claims must have in common so that what one of them cannot be given none can. */
export function keyOf({ workSpecs, runtimes, availableGb = 0, onlyInExisting = false }: ClaimRequest): string {
  if (!workSpecs?.length && !runtimes?.length && availableGb <= 0) return String(onlyInExisting);
  return JSON.stringify([onlyInExisting, Math.max(0, availableGb), sorted(workSpecs), sorted(runtimes)]);
}

function sorted(names: readonly string[] = []): readonly string[] {
  return names.length < 2 ? names : [...new Set(names)].sort();
}

/** Those who wait in a namespace for the same work, in the order of arrival: where the first finds nothing, nobody does. */
export class Line {
  private first: Waiting | undefined;
  private last: Waiting | undefined;
  /** The first for whom no claim is being made. */
  next: Waiting | undefined;
  /** How many more claims are worth a try, as far as is known. */
  credit = 0;
  /** How often there were news. */
  news = 0;
  /** It is among those of which one is to be tried. */
  isQueued = false;
  /** What a claim found last that found nothing. */
  nothing: Claim = NO_CLAIM;
  /** The work specs that are asked for; undefined: any. */
  readonly workSpecs: readonly string[] | undefined;

  constructor(
    readonly room: Room,
    readonly key: string,
    request: ClaimRequest,
  ) {
    this.workSpecs = namesAsked(request);
  }

  get isEmpty(): boolean {
    return this.first === undefined;
  }

  add(waiter: Waiting): void {
    waiter.before = this.last;
    if (this.last === undefined) this.first = waiter;
    else this.last.after = waiter;
    this.last = waiter;
    this.next ??= waiter;
  }

  remove(waiter: Waiting): void {
    const { before, after } = waiter;
    if (this.next === waiter) this.findNext();
    if (before === undefined) this.first = after;
    else before.after = after;
    if (after === undefined) this.last = before;
    else after.before = before;
    waiter.before = waiter.after = undefined;
  }

  /** A claim is being made for the next one. */
  try(): Waiting {
    const waiter = this.next!;
    waiter.isTried = true;
    this.findNext();
    return waiter;
  }

  /** The claim found nothing: it waits on, in its place. */
  putBack(waiter: Waiting): void {
    waiter.isTried = false;
    if (this.next === undefined || waiter.number < this.next.number) this.next = waiter;
  }

  private findNext(): void {
    let next = this.next?.after;
    while (next?.isTried) next = next.after;
    this.next = next;
  }

  *[Symbol.iterator](): Generator<Waiting> {
    for (let waiter = this.first; waiter !== undefined;) {
      // It may be taken out meanwhile.
      const { after } = waiter;
      yield waiter;
      waiter = after;
    }
  }
}

/** Those who wait for work in one namespace. */
export class Room {
  private readonly lines = new Map<string, Line>();
  /** Those that name work specs, by each of their names. */
  private readonly bySpec = new Map<string, Set<Line>>();
  /** Those that name none. */
  private readonly open = new Set<Line>();
  /** Lines that have credit and somebody to try, by who came first. */
  private readonly queue: Line[] = [];
  /** How many claims are being made. */
  tried = 0;
  isServing = false;

  constructor(readonly namespace: string) {}

  get isEmpty(): boolean {
    return this.lines.size === 0;
  }

  /** Where a claim would wait; undefined: nobody does for the same. */
  find(request: ClaimRequest): Line | undefined {
    return this.lines.get(keyOf(request));
  }

  /** Makes the line where a claim is to wait. There must be none. */
  begin(request: ClaimRequest): Line {
    const line = new Line(this, keyOf(request), request);
    this.lines.set(line.key, line);
    if (line.workSpecs === undefined) this.open.add(line);
    else for (const name of line.workSpecs) this.named(name).add(line);
    return line;
  }

  private named(name: string): Set<Line> {
    let lines = this.bySpec.get(name);
    if (lines === undefined) this.bySpec.set(name, (lines = new Set()));
    return lines;
  }

  /** Nobody is in a line any more. */
  end(line: Line): void {
    this.lines.delete(line.key);
    this.open.delete(line);
    for (const name of line.workSpecs ?? []) {
      const lines = this.bySpec.get(name);
      if (lines?.delete(line) && lines.size === 0) this.bySpec.delete(name);
    }
  }

  all(): Iterable<Line> {
    return this.lines.values();
  }

  /** Whoever might be given units of a work spec; undefined: of whichever. */
  *concerned(workSpec: string | undefined): Generator<Line> {
    if (workSpec === undefined) {
      yield* this.lines.values();
      return;
    }
    yield* this.bySpec.get(workSpec) ?? [];
    yield* this.open;
  }

  /** Has the next of a line tried, if it has credit and somebody who is not being tried. */
  queueUp(line: Line): void {
    const { queue } = this;
    if (line.isQueued || line.credit <= 0 || line.next === undefined) return;
    const { number } = line.next;
    line.isQueued = true;
    queue.splice(
      leastIndex(queue.length, (at) => (queue[at].next?.number ?? 0) > number),
      0,
      line,
    );
  }

  /** The line whose next is to be tried; undefined: there is none. */
  takeLine(): Line | undefined {
    const line = this.queue.shift();
    if (line !== undefined) line.isQueued = false;
    return line;
  }
}
