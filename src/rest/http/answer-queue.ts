/**
 * Sends the answers of one turn of the event loop one right after the other, once all requests that had arrived are
 * served. A write that wakes a waiting client costs many times what the next one does while that client is awake.
 */
export class AnswerQueue {
  private waiting: (() => void)[] = [];

  add(send: () => void): void {
    if (this.waiting.length === 0) setImmediate(this.flush);
    this.waiting.push(send);
  }

  private readonly flush = (): void => {
    const { waiting } = this;
    this.waiting = [];
    for (const send of waiting) send();
  };
}
