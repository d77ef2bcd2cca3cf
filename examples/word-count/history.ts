/** The history of attempts, which the daemon tells over REST: from link to link, beginning at its root. */

/** One worker's try at one unit. */
export interface Attempt {
  readonly url: string;
  readonly work_unit_url: string;
  readonly worker_url: string;
  readonly start_time: string;
}

/** With what became of it. */
export interface AttemptOutcome extends Attempt {
  readonly status: 'pending' | 'expired' | 'finished' | 'failed' | 'retryable';
  readonly end_time: string;
}

interface AttemptList {
  readonly attempts: readonly Attempt[];
  readonly next_url?: string;
}

export class History {
  private constructor(
    private readonly http: string,
    /** Template of the URL of a worker. */
    private readonly workerUrl: string,
  ) {}

  /** @param http URL of the root, as `http://127.0.0.1:5980/` @returns undefined when there is no REST */
  static async open(http: string): Promise<History | undefined> {
    let root: { namespace_url?: string };
    try {
      root = await get(new URL('/', http));
    } catch {
      return undefined;
    }
    if (root.namespace_url === undefined) return undefined;
    // "-" is the empty name: the namespace that CBOR-RPC works in.
    const url = new URL(root.namespace_url.replace('{namespace}', '-'), http);
    return new History(http, (await get<{ worker_url: string }>(url)).worker_url);
  }

  /** All attempts of these workers. The names of the workers are to be such as need no encoding in a path. */
  async attemptsOf(workers: readonly string[]): Promise<Attempt[]> {
    const attempts: Attempt[] = [];
    for (const name of workers) {
      const worker = await this.get<{ all_attempts_url: string }>(this.workerUrl.replace('{worker}', name));
      // A list tells where it goes on when it is longer than one answer.
      let next: string | undefined = worker.all_attempts_url;
      while (next !== undefined) {
        const list: AttemptList = await this.get(next);
        attempts.push(...list.attempts);
        next = list.next_url;
      }
    }
    return attempts;
  }

  outcomeOf(attempt: Attempt): Promise<AttemptOutcome> {
    return this.get(attempt.url);
  }

  private get<T>(path: string): Promise<T> {
    return get(new URL(path, this.http));
  }
}

async function get<T>(url: URL): Promise<T> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`GET ${url.href}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}
