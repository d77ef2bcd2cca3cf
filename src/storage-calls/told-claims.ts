import type { AttemptsService } from '../attempts/attempts.service.js';
import type { AttemptRef } from '../domain/attempt.js';
import { RevocableAnswer } from '../domain/promised.js';

/** What a claim of a daemon in front was given. */
export interface ToldClaim {
  readonly namespace: string;
  readonly attempts: readonly AttemptRef[];
}

/** An answer that tells a daemon in front of claims, which are taken back if it does not hear of them: no worker does then. */
export class ToldClaims<A> extends RevocableAnswer<A> {
  constructor(
    answer: A,
    private readonly service: AttemptsService,
    private readonly claims: readonly ToldClaim[],
  ) {
    super(answer);
  }

  override revoke(): void {
    for (const { namespace, attempts } of this.claims) this.service.takeBack(namespace, attempts);
  }
}
