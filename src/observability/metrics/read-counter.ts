import { Counter, type Registry } from 'prom-client';

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
