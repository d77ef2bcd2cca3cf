import type { ChildProcess } from 'node:child_process';
import { type Duration, milliseconds } from '../duration.js';

const MICROS = 1000;

/** The clock of a test's daemon: it goes as the machine's does, from wherever the test has set it. Leases and delays go by it. */
export class TestClock {
  /** One is asked at a time, so that each answer is that of the last question. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly daemon: ChildProcess) {}

  now(): Promise<Date> {
    return this.say(null);
  }

  /** Sets it. What is due by then is so when this resolves. @returns what it shows */
  set(moment: Date): Promise<Date> {
    return this.say(moment.getTime() * MICROS);
  }

  /** Sets it so much ahead. @returns what it shows */
  async advance(span: Duration): Promise<Date> {
    const now = await this.now();
    return this.set(new Date(now.getTime() + milliseconds(span)));
  }

  private say(testClock: number | null): Promise<Date> {
    const answer = this.last.then(() => this.exchange(testClock));
    this.last = answer.catch(() => undefined);
    return answer;
  }

  private exchange(testClock: number | null): Promise<Date> {
    const { daemon } = this;
    return new Promise((resolve, reject) => {
      const over = (): void => {
        daemon.off('message', answered);
        daemon.off('close', ended);
      };
      const answered = (message: unknown): void => {
        over();
        resolve(new Date((message as { readonly testClock: number }).testClock / MICROS));
      };
      const ended = (): void => {
        over();
        reject(new Error('the daemon has ended'));
      };
      daemon.on('message', answered);
      daemon.on('close', ended);
      daemon.send({ testClock }, (error) => {
        if (!error) return;
        over();
        reject(error);
      });
    });
  }
}
