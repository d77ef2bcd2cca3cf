import { Slices } from '../../timing/slices.js';

/**
 * Sends the answers of one turn of the event loop one right after the other, once all requests that had arrived are
 * served. A write that wakes a waiting client costs many times what the next one does while that client is awake. Where they
 * are so many or so large that it takes long, others have their turn in between.
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
    const slices = new Slices();
    let sent = 0;
    while (sent < waiting.length) {
      waiting[sent++]();
      if (sent < waiting.length && slices.isOver(Infinity)) return this.sendLater(waiting.slice(sent));
    }
  };

  private sendLater(late: (() => void)[]): void {
    if (this.waiting.length === 0) setImmediate(this.flush);
    this.waiting = [...late, ...this.waiting];
  }
}
