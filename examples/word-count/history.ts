/** The history of attempts, which the daemon tells over REST. */
import { connect, type Coordinate, type ListedAttempt } from 'coordinate-client';

export class History {
  private constructor(private readonly coordinate: Coordinate) {}

  /** @param http URL of the root, as `http://127.0.0.1:5980/` @returns undefined when there is no REST */
  static async open(http: string): Promise<History | undefined> {
    // The namespace of the empty name is the one that CBOR-RPC works in.
    const coordinate = connect(http, { retry: false });
    try {
      await coordinate.request({ method: 'GET', path: '/' });
    } catch {
      return undefined;
    }
    return new History(coordinate);
  }

  /** All attempts of these workers. */
  async attemptsOf(workers: readonly string[]): Promise<ListedAttempt[]> {
    const attempts: ListedAttempt[] = [];
    for (const name of workers) {
      for await (const attempt of this.coordinate.worker(name).allAttempts()) attempts.push(attempt);
    }
    return attempts;
  }

  close(): void {
    this.coordinate.close();
  }
}
