import { causeNumber, failureCause, MAX_CAUSES, OTHER } from '../../../domain/cause.js';
import type { SnapshotAttempt, SnapshotUnit } from '../../../domain/snapshot.js';
import { byteaColumn, int8Column } from '../wire/columns.js';
import { textParameter } from '../wire/values.js';

interface Counted {
  readonly text: string;
  units: number;
  first: number;
  last: number;
}

/** Why the units of one work spec failed that are put back. */
export class RestoredCauses {
  private readonly causes = new Map<number, Counted>();

  /** Counts a unit. @returns the number of its cause; null: it is not failed */
  numberOf(unit: SnapshotUnit, latest: SnapshotAttempt | undefined): number | null {
    if (unit.status !== 'failed') return null;
    let text = unit.cause ?? failureCause({ data: latest?.data });
    if (!this.causes.has(causeNumber(text)) && this.causes.size >= MAX_CAUSES) text = OTHER;
    const number = causeNumber(text);
    const { moment } = unit;
    const counted = this.causes.get(number);
    if (!counted) this.causes.set(number, { text, units: 1, first: moment, last: moment });
    else {
      counted.units++;
      counted.first = Math.min(counted.first, moment);
      counted.last = Math.max(counted.last, moment);
    }
    return number;
  }

  /** The columns of what there is, if there is something: numbers, units, first, last, texts. */
  columns(): Buffer[] | undefined {
    if (this.causes.size === 0) return undefined;
    const all = [...this.causes.values()];
    return [
      int8Column([...this.causes.keys()]),
      int8Column(all.map(({ units }) => units)),
      int8Column(all.map(({ first }) => first)),
      int8Column(all.map(({ last }) => last)),
      byteaColumn(all.map(({ text }) => textParameter(text))),
    ];
  }
}
