import type { Awaitable } from '../../domain/awaitable.js';
import type { Pace } from './pace.js';

/**
 * Keeps others from something while a long change of it is under way in slices, so that nobody sees half of the change.
 * Those who come meanwhile wait, and are let in one after another in the order they came.
 */
export class Gate {
  /** Whether somebody is behind it or waits before it: all that a small operation looks at. */
  isClosed = false;
  /** Whether a long change is under way behind it. */
  isHeld = false;
  private isLettingIn = false;
  private readonly waiting: Ticket[] = [];

  constructor(private readonly pace: Pace) {}

  /** Closes it behind a long change. It must not be closed. */
  hold(): void {
    this.isHeld = this.isClosed = true;
  }

  /** The long change is over. */
  release(): void {
    this.isHeld = false;
    void this.letIn();
  }

  /** Puts somebody at the end of those who wait. */
  queue(ticket: Ticket): void {
    this.waiting.push(ticket);
    this.isClosed = true;
  }

  /** The first of those who wait is going in: lets it find the gate open. */
  admit(): void {
    this.waiting.shift();
    this.isClosed = false;
  }

  /** Who went in has come out again, or holds the gate now. */
  admitted(): void {
    this.isClosed = this.isHeld || this.waiting.length > 0;
  }

  /** Lets those in who wait, until one of them holds the gate or has to wait at another one too. */
  async letIn(): Promise<void> {
    if (this.isLettingIn) return;
    this.isLettingIn = true;
    const slices = this.pace.slices();
    while (!this.isHeld && this.waiting.length > 0 && this.waiting[0].isFirstAt(this)) {
      this.waiting[0].goIn(this);
      if (slices.isOver(STEPS_OF_OPERATION)) await slices.next();
    }
    this.isLettingIn = false;
    this.admitted();
  }
}

/** How many small steps an operation that was waiting counts for. */
const STEPS_OF_OPERATION = 8;

/** The gates of the one that is being let in just now. */
let passing: readonly Gate[] = [];

/** Waits at several gates at once, and goes in when it is the first at all of them: so nobody ever waits behind a gate. */
class Ticket {
  private readonly firstAt = new Set<Gate>();

  constructor(
    readonly gates: readonly Gate[],
    private readonly operation: () => void,
  ) {}

  /** It has become the first at a gate. @returns whether it is so at all of them */
  isFirstAt(gate: Gate): boolean {
    this.firstAt.add(gate);
    return this.firstAt.size === this.gates.length;
  }

  /** @param through - the gate that lets it in; the others are to go on by themselves */
  goIn(through: Gate): void {
    for (const gate of this.gates) gate.admit();
    passing = this.gates;
    this.operation();
    passing = [];
    for (const gate of this.gates) {
      gate.admitted();
      if (gate !== through) queueMicrotask(() => void gate.letIn());
    }
  }
}

/**
 * Carries out an operation from its beginning when none of these gates is closed any more. One that then comes to another
 * closed gate waits at that one and at those it has come through together: so it comes to its turn, whatever others do.
 */
export function whenOpen<T>(gates: readonly Gate[], operation: () => Awaitable<T>): Promise<T> {
  return new Promise<T>((resolve) => {
    const all = passing.length > 0 ? [...new Set([...passing, ...gates])] : gates;
    // The function is async so that what is thrown comes out of the promise. It begins at once for all that.
    const ticket = new Ticket(all, () => resolve((async () => await operation())()));
    for (const gate of all) gate.queue(ticket);
  });
}

/** What a long change can be behind. */
export interface Holdable {
  hold(): void;
  release(): void;
}

/**
 * Keeps everybody else out of something, none of which may be closed, while a change of it goes on. The change begins at
 * once. It may open what it needs no longer before it is at its end.
 */
export async function behind<H extends Holdable, T>(
  what: readonly H[],
  change: (open: (one: H) => void) => Promise<T>,
): Promise<T> {
  const held = new Set(what);
  for (const one of held) one.hold();
  try {
    return await change((one) => {
      if (held.delete(one)) one.release();
    });
  } finally {
    for (const one of held) one.release();
  }
}
