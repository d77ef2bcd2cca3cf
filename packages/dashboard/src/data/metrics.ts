import { useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import { readText } from './connection.js';

/** How often the daemon is asked how it is, in milliseconds. */
const EVERY_MS = 5_000;

/** What the daemon measures of itself, at one moment. */
export class Metrics {
  private readonly sums = new Map<string, number>();
  private readonly lines: (readonly [name: string, labels: string, value: number])[] = [];

  constructor(
    text: string,
    readonly time = Date.now(),
  ) {
    for (const [, name, labels = '', value] of text.matchAll(/^([a-z_]\w*)(?:\{(.*)\})? (\S+)/gim)) {
      this.lines.push([name, labels, Number(value)]);
      this.sums.set(name, (this.sums.get(name) ?? 0) + Number(value));
    }
  }

  /** The sum over all labels; undefined where the daemon does not measure it. */
  sum(name: string): number | undefined {
    return this.sums.get(name);
  }

  /** The largest of all labels. */
  most(name: string): number | undefined {
    const values = this.lines.flatMap(([one, , value]) => (one === name ? [value] : []));
    return values.length === 0 ? undefined : Math.max(...values);
  }

  /** Of a histogram: within which time, in seconds, a part of what was measured since `before` was done. */
  quantile(name: string, part: number, before?: Metrics): number | undefined {
    const buckets = this.buckets(name);
    const old = before?.buckets(name) ?? new Map<number, number>();
    const bounds = [...buckets.keys()].sort((a, b) => a - b);
    const upTo = (bound: number): number => buckets.get(bound)! - (old.get(bound) ?? 0);
    const all = bounds.length === 0 ? 0 : upTo(bounds.at(-1)!);
    return all === 0 ? undefined : bounds.find((bound) => upTo(bound) >= part * all);
  }

  private buckets(name: string): Map<number, number> {
    const buckets = new Map<number, number>();
    for (const [one, labels, value] of this.lines) {
      const bound = one === `${name}_bucket` ? /(?:^|,)le="([^"]*)"/.exec(labels)?.[1] : undefined;
      if (bound === undefined) continue;
      const at = bound === '+Inf' ? Infinity : Number(bound);
      buckets.set(at, (buckets.get(at) ?? 0) + value);
    }
    return buckets;
  }
}

/** How the daemon is now, and how it was a little before. */
export function useMetrics() {
  const before = useRef<readonly Metrics[]>([]);
  const { data, error } = useQuery({
    queryKey: ['metrics'],
    queryFn: async ({ signal }) => new Metrics(await readText('/metrics', signal)),
    structuralSharing: false,
    retry: false,
    refetchInterval: EVERY_MS,
    staleTime: 0,
  });
  // A minute of them, so that what is told per second does not leap.
  if (data && before.current.at(-1) !== data) before.current = [...before.current, data].slice(-12);
  return { data: data && { now: data, before: before.current[0] }, error };
}
