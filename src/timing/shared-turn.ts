import { OnceATurn } from './once-a-turn.js';

/** How long those that share it may go on in one turn of the event loop, all together, in milliseconds. */
const TURN_MS = 8;
/** The same, while connections keep coming. */
const ARRIVING_MS = 1;
/** How long one of them may go on that has waited again, while others wait. One that has waited for the first time does what it does at once. */
const SHARE_MS = 1;
/** How much longer those may go on who are done sooner than waiting takes. */
const MORE_MS = 4;
/** Of those so many may begin unseen before it is looked whether there are very many, and so many between two looks. */
const UNSEEN = 64;
const BETWEEN_LOOKS = 8;
/** If more than so many wait for the first time, those that came last do not wait for all of them. */
const MANY = 100;

/**
 * The time that the clients of a server share in each turn of the event loop, as far as they have much to be done. Each of them
 * may be done with soon, but hundreds come in one turn: when its time is over, the others wait for the next one, in the order in
 * which they came. Those that wait for the first time go first: most of them have little to be done, and those that
 * wait again, who have much, would keep them for as many turns as there are of these.
 */
export class SharedTurn {
  private end = 0;
  /** When the time of the one is over that goes on. */
  private shareEnd = 0;
  private waiting: (() => void)[] = [];
  private waitingAgain: (() => void)[] = [];
  private isLettingOn = false;
  /** Whether others wait while one goes on. */
  private hasOthers = false;
  /** Whether a connection has come since this turn began. */
  private isArriving = false;
  /** How many short ones have come since it was looked at the clock. */
  private unseen = 0;
  private readonly next = new OnceATurn(() => this.begin());

  /** Whether one has to wait, by `hold`: the time of this turn is over, or others wait for the next. */
  get isOver(): boolean {
    if (!this.isLettingOn && this.anyWaits) return true;
    if (this.left() < 0) return true;
    return this.isLettingOn && this.hasOthers && performance.now() > this.shareEnd;
  }

  /** Whether even one has to wait whose work takes less time than waiting does: there are thousands of such in this turn. */
  get isLongOver(): boolean {
    return this.left() < -MORE_MS;
  }

  /**
   * The same, of one that nothing is known of but that it is short. To look at the clock, and to see to the end of the turn, would
   * cost each of them something, so that it is done for one of several.
   */
  get isCrowded(): boolean {
    if (++this.unseen < (this.end === 0 ? UNSEEN : BETWEEN_LOOKS)) return false;
    const isCrowded = this.isLongOver;
    // Of those that come next in this turn each has to wait.
    this.unseen = isCrowded ? BETWEEN_LOOKS : 0;
    return isCrowded;
  }

  /**
   * To be told of each new connection. Node accepts one in a turn, however many wait: the next turn is short, lest the last of hundreds
   * that come at once wait for as many long ones.
   */
  arrived(): void {
    this.isArriving = true;
  }

  /** Milliseconds that are left of this turn, which begins when it is first asked for. */
  private left(): number {
    const now = performance.now();
    if (this.end === 0) {
      this.end = now + (this.isArriving ? ARRIVING_MS : TURN_MS);
      this.isArriving = false;
      this.next.await();
    }
    return this.end - now;
  }

  private get anyWaits(): boolean {
    return this.waiting.length > 0 || this.waitingAgain.length > 0;
  }

  /**
   * Has somebody go on when it is their turn, which they may take up as long as `isOver` says that they may.
   *
   * @param isAgain - whether they have had a turn already, and have more to do than there was time for
   */
  hold(goOn: () => void, isAgain = false): void {
    (isAgain ? this.waitingAgain : this.waiting).push(goOn);
    this.next.await();
  }

  private begin(): void {
    this.end = 0;
    this.unseen = 0;
    if (!this.anyWaits) return;
    const { waiting, waitingAgain } = this;
    this.waiting = [];
    this.waitingAgain = [];
    this.isLettingOn = true;
    const others = this.letOn(waiting, waitingAgain.length, 0, MANY);
    const othersAgain = this.letOn(waitingAgain, others.length, SHARE_MS, Infinity);
    this.isLettingOn = false;
    this.waiting = [...others, ...this.waiting];
    this.waitingAgain = [...othersAgain, ...this.waitingAgain];
    if (this.anyWaits) this.next.await();
  }

  /**
   * Lets on those for whom there is time, and at least one.
   *
   * @param others - how many wait besides
   * @param shareMs - how long each may go on while others wait, in milliseconds
   * @param many - if more than so many wait, every second one is the one that came last
   * @returns those who wait on
   */
  private letOn(waiting: readonly (() => void)[], others: number, shareMs: number, many: number): (() => void)[] {
    let first = 0;
    let last = waiting.length;
    for (let done = 0; first < last && (done === 0 || this.left() > 0); done++) {
      const goOn = last - first > many && done % 2 === 1 ? waiting[--last] : waiting[first++];
      this.hasOthers = others > 0 || first < last;
      const now = performance.now();
      this.shareEnd = now + shareMs;
      if (done === 0 && this.left() < SHARE_MS) this.end = now + SHARE_MS;
      goOn();
    }
    return waiting.slice(first, last);
  }
}
