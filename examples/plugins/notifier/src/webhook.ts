import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Settings } from './settings.js';

/** Statuses after which another try may help. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

/** An answer after which no other try is made. */
class Refused extends Error {}

/** Posts to one address, and to no other: where it leads elsewhere, that is not followed. */
export class Webhook {
  constructor(private readonly settings: Settings) {}

  /**
   * Posts JSON, again after a while when it does not get there. Every try has the same `Idempotency-Key`, by which whoever is posted to can tell
   * that it has been there before.
   * @throws Error when it does not get there
   */
  async post(body: unknown): Promise<void> {
    const { tries, waitMs } = this.settings;
    const key = randomUUID();
    for (let made = 1; ; made++) {
      try {
        return await this.tryOnce(JSON.stringify(body), key);
      } catch (error) {
        if (error instanceof Refused || made >= tries) throw error;
        // Not all at the same moment, where many were refused at once.
        await sleep(waitMs * 2 ** (made - 1) * (0.5 + Math.random() / 2), undefined, { ref: false });
      }
    }
  }

  private async tryOnce(body: string, key: string): Promise<void> {
    const { url, timeoutMs } = this.settings;
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    // What it says besides is of no interest, and is not waited for.
    await response.body?.cancel();
    const { ok, status } = response;
    if (ok) return;
    const problem = `${url.origin} answers ${status}`;
    if (status >= 300 && status < 400) throw new Refused(`${problem}: where that leads is not followed`);
    throw PASSING.has(status) || status >= 500 ? new Error(problem) : new Refused(problem);
  }
}
