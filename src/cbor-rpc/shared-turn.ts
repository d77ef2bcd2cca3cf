/** How long connections that have more than one request at hand may go on in one turn of the event loop, all together. */
const TURN_MS = 8;

/** The time that the connections of a server share in each turn of the event loop. */
export class SharedTurn {
  private end = 0;

  /** When the time of this turn is over, in milliseconds. @param now in milliseconds */
  endFrom(now: number): number {
    if (this.end === 0) {
      this.end = now + TURN_MS;
      setImmediate(this.begin);
    }
    return this.end;
  }

  private readonly begin = (): void => {
    this.end = 0;
  };
}
