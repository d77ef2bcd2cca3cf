import { Counter, type MetricValue, type Registry } from 'prom-client';

/** A counter over a number that is counted elsewhere, and read at each scrape. */
export function readCounter(registry: Registry, name: string, help: string, read: () => number): void {
  new Counter({
    name,
    help,
    registers: [registry],
    collect() {
      this.reset();
      this.inc(read());
    },
  });
}

/** The same for a counter with one label, whose values are all there from the start. */
export function readCounters(
  registry: Registry,
  { name, help, label }: { name: string; help: string; label: string },
  readings: Readonly<Record<string, () => number>>,
): void {
  new Counter({
    name,
    help,
    labelNames: [label],
    registers: [registry],
    collect() {
      this.reset();
      for (const [value, read] of Object.entries(readings)) this.inc({ [label]: value }, read());
    },
  });
}

/** A counter with very many series, which are counted elsewhere: prom-client would look each of them up by its labels at each scrape. */
export class ReadSeries extends Counter {
  constructor(
    private readonly metricName: string,
    private readonly metricHelp: string,
    private readonly read: () => MetricValue<string>[],
  ) {
    super({ name: metricName, help: metricHelp, registers: [] });
  }

  /** What prom-client makes its text from. */
  getForPromString(): Promise<object> {
    const { metricName: name, metricHelp: help } = this;
    return Promise.resolve({ name, help, type: 'counter', values: this.read(), aggregator: 'sum' });
  }
}
