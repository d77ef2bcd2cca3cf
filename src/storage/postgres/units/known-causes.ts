import { causeNumber, MAX_CAUSES, OTHER } from '../../../domain/cause.js';
import { Recent } from './recent.js';

/** The number of the cause of what would be one too many. */
export const OTHER_NUMBER = causeNumber(OTHER);
/** What is kept of causes that are not there any more, or lacks others, is read again after so many milliseconds. */
const STALE_MS = 10_000;
/** So many numbers are remembered. */
const MOST = 200_000;

interface Known {
  numbers: Set<number>;
  /** When they were read last, or are being read. */
  readAt: number;
}

/**
 * Which causes the failed units of work specs have, as this daemon saw them last, so that they do not become too many. Several
 * daemons may each let the last ones in: then there are somewhat more.
 */
export class KnownCauses {
  private readonly specs = new Recent<number, Known>(MOST, ({ numbers }) => 1 + numbers.size);

  /** @param read - the numbers of the causes of a work spec */
  constructor(private readonly read: (workSpecId: number) => Promise<readonly number[]>) {}

  /** The number under which a failure by this cause counts. */
  numberOf(workSpecId: number, cause: string): number {
    const number = causeNumber(cause);
    let known = this.specs.get(workSpecId);
    if (known?.numbers.has(number)) return number;
    if (!known) known = this.begin(workSpecId);
    if (known.numbers.size >= MAX_CAUSES) {
      this.refresh(workSpecId, known);
      return OTHER_NUMBER;
    }
    // It weighs more then.
    this.specs.delete(workSpecId);
    known.numbers.add(number);
    this.specs.set(workSpecId, known);
    return number;
  }

  private begin(workSpecId: number): Known {
    const known: Known = { numbers: new Set(), readAt: -STALE_MS };
    this.specs.set(workSpecId, known);
    this.refresh(workSpecId, known);
    return known;
  }

  private refresh(workSpecId: number, known: Known): void {
    const now = performance.now();
    if (now - known.readAt < STALE_MS) return;
    known.readAt = now;
    const before = new Set(known.numbers);
    this.read(workSpecId).then(
      (numbers) => {
        const added = [...known.numbers].filter((number) => !before.has(number));
        this.specs.delete(workSpecId);
        known.numbers = new Set([...numbers, ...added]);
        this.specs.set(workSpecId, known);
      },
      // Another time, then.
      () => undefined,
    );
  }
}
