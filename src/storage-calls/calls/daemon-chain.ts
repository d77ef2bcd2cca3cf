import { randomUUID } from 'node:crypto';

/** A daemon may keep its state in another one, and that in a third: a chain. This one is the last of its own. */
export class DaemonChain {
  /** What this daemon is known by in chains, as long as it runs. */
  readonly id: string = randomUUID();

  /**
   * The ids of this daemon and of those behind it. Where the chain is a circle it ends with the one that it comes back to.
   * @param asking - those that ask, the first one first
   */
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- a daemon that has one behind it passes them on
  ids(_asking: readonly string[]): Promise<readonly string[]> {
    return Promise.resolve([this.id]);
  }
}
