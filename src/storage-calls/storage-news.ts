import type { ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { WaitingClaims } from '../attempts/waiting-claims.js';
import { NewsStream } from './news-stream.js';

/** Daemons in front that listen for work which they may claim. */
@Injectable()
export class StorageNews {
  private readonly streams = new Set<NewsStream>();
  private isOver = false;

  constructor(private readonly waiting: WaitingClaims) {}

  /** A daemon in front listens from now on. @param mayGoOn - asked now and then; where it says no, it has ended the answer */
  join(namespace: string, answer: ServerResponse, mayGoOn: () => boolean): void {
    if (this.isOver || answer.destroyed) return void answer.end();
    const stream: NewsStream = new NewsStream(
      answer,
      (listener) => this.waiting.listen(namespace, listener),
      mayGoOn,
      () => this.streams.delete(stream),
    );
    this.streams.add(stream);
  }

  /** The daemon is about to end: all streams end now. */
  end(): void {
    this.isOver = true;
    for (const stream of this.streams) stream.end();
  }

  onModuleDestroy(): void {
    this.end();
  }
}
