import type { AttemptRef } from '../domain/attempt.js';
import { RevocableAnswer } from '../domain/promised.js';
import type { AttemptsService } from './attempts.service.js';

/** Units that a worker is given, and that are taken back if it does not hear of them. */
export class GivenWork<A> extends RevocableAnswer<A> {
  constructor(
    answer: A,
    private readonly service: AttemptsService,
    private readonly namespace: string,
    private readonly attempts: readonly AttemptRef[],
  ) {
    super(answer);
  }

  override revoke(): void {
    this.service.takeBack(this.namespace, this.attempts);
  }
}
