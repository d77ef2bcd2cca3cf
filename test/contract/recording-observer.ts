import type { Micros, WorkObserver, WorkObservers } from 'coordinate-daemon/backend';
import { SECOND } from 'coordinate-daemon/backend';

/** Writes down what it is told, in whole seconds: `s claimed after 3`, of another namespace `n/s failed after 2`. */
export class RecordingObserver implements WorkObservers {
  private told: string[] = [];

  workOf(namespace: string, workSpec: string): WorkObserver {
    const spec = namespace === 'test' ? workSpec : `${namespace}/${workSpec}`;
    const after = (what: string, span: Micros): void => void this.told.push(`${spec} ${what} after ${span / SECOND}`);
    return {
      // Every test adds units; that it is told is seen in the history.
      added: () => undefined,
      claimed: (since, now) => after('claimed', now - since),
      ended: (outcome, start, end) => after(outcome, end - start),
    };
  }

  /** What was told since this was last called. */
  take(): string[] {
    const { told } = this;
    this.told = [];
    return told;
  }
}
