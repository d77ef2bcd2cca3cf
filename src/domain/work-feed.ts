/** Who hears from a storage that there may be work. */
export interface WorkNews {
  /**
   * Claims in a namespace that is watched may be given units by now.
   * @param workSpec - of which work spec; undefined: of whichever
   * @param units - about how many, at least 1
   */
  claimable(namespace: string, workSpec: string | undefined, units: number): void;

  /** Something may fall due: `look` of the feed is to be called in so many milliseconds, or before. */
  lookIn(ms: number): void;
}

/**
 * Tells those who wait for work when it is worth a try: whenever anything has happened, here or at another daemon, by which a claim
 * that found nothing might find something. It may say so too often, and never too seldom: whoever looked after `watch` had been
 * called, and found nothing, hears of all that came after that look.
 * The class is its own injection token; a storage backend implements it. What it costs while nothing is watched is next to nothing.
 */
export abstract class WorkFeed {
  private listener: WorkNews | undefined;
  private stopListener: ((namespace: string) => void) | undefined;

  /** Says who is to hear; before anything is watched. */
  tell(news: WorkNews): void {
    this.listener = news;
  }

  /** Says who is to hear that attempts in a namespace have been stopped: here and, while it `hearsStops`, at other daemons. */
  hearStops(listener: (namespace: string) => void): void {
    this.stopListener = listener;
  }

  /** Whether it is told of all that is stopped. Else whoever wants to know looks every second. */
  get hearsStops(): boolean {
    return false;
  }

  protected stopped(namespace: string): void {
    this.stopListener?.(namespace);
  }

  protected get news(): WorkNews {
    if (this.listener === undefined) throw new Error('nobody listens to the feed');
    return this.listener;
  }

  /** From now on it is told what happens in a namespace, which need not be there. It must not be watched already. */
  abstract watch(namespace: string): void;

  /** Nobody waits there any more. */
  abstract unwatch(namespace: string): void;

  /** The time that `lookIn` said is over. */
  abstract look(): void;
}
