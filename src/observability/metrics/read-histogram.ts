import { Histogram, type MetricValueWithName } from 'prom-client';

/** What one series of a histogram has counted: how many in each bucket, one more behind the last, and their sum. */
export interface HistogramReading {
  readonly labels: Readonly<Record<string, string>>;
  readonly counts: readonly number[];
  readonly sum: number;
}

/**
 * A histogram over numbers that are counted elsewhere. The hot path then adds to a plain array, where prom-client would
 * look its labels up for every request.
 */
export class ReadHistogram extends Histogram {
  constructor(
    private readonly metricName: string,
    private readonly metricHelp: string,
    private readonly bounds: readonly number[],
    private readonly read: () => readonly HistogramReading[],
  ) {
    super({ name: metricName, help: metricHelp, registers: [] });
  }

  /** What prom-client makes its text, and what its own `get` gives, from. */
  getForPromString(): Promise<object> {
    const { metricName: name, metricHelp: help } = this;
    const values = this.read().flatMap((reading) => this.valuesOf(reading));
    return Promise.resolve({ name, help, type: 'histogram', values, aggregator: 'sum' });
  }

  private valuesOf({ labels, counts, sum }: HistogramReading): MetricValueWithName<string>[] {
    let seen = 0;
    const buckets = counts.map((count, index) => {
      seen += count;
      const le = this.bounds[index] ?? '+Inf';
      return { metricName: `${this.metricName}_bucket`, labels: { ...labels, le }, value: seen };
    });
    return [
      ...buckets,
      { metricName: `${this.metricName}_sum`, labels: { ...labels }, value: sum },
      { metricName: `${this.metricName}_count`, labels: { ...labels }, value: seen },
    ];
  }
}
