import { setTimeout as delay } from 'node:timers/promises';
import type { Coordinate } from 'coordinate-client';
import { ProgressBar } from '../common/progress.js';
import { ALL, COUNT, MERGE, SPLIT, SWEEP } from './specs.js';
import type { Totals } from './texts.js';

const LOOK_EVERY_MS = 50;

/** The driver's side of the work while it goes on. */
export class Pipeline {
  private readonly bar: ProgressBar;

  /** @param parts how many parts there are going to be */
  constructor(
    private readonly coordinate: Coordinate,
    private readonly parts: number,
  ) {
    this.bar = new ProgressBar(process.stdout, parts);
  }

  /** Waits until half of the parts are counted, and it was swept. @throws Error when units fail for good, or all is done already */
  async halfway(): Promise<void> {
    await this.until((counted, isMerged, sweeps) => {
      if (isMerged) throw new Error('the work was done before the daemon could be killed');
      return counted >= this.parts / 2 && sweeps > 0;
    });
  }

  /** Waits until all is merged. @throws Error when units fail for good */
  async merged(): Promise<void> {
    await this.until((_, isMerged) => isMerged);
  }

  /** Waits until one more slot has come and been done. @param since when @throws Error when units fail for good */
  async sweptSince(since: Date): Promise<void> {
    for (;;) {
      const slots = await this.slots();
      if (slots.some((slot) => Date.parse(slot) > since.getTime())) return;
      await this.step();
    }
  }

  /** The slots that are done, by their names. */
  async slots(): Promise<string[]> {
    const names: string[] = [];
    for await (const { name } of this.coordinate.spec(SWEEP).units({ status: 'finished' })) names.push(String(name));
    return names;
  }

  async totals(): Promise<Totals & { readonly parts: number }> {
    return (await this.coordinate.spec(MERGE).unit(ALL).get<Totals & { readonly parts: number }>()).data;
  }

  /** Says a line that the progress does not overwrite. */
  interrupt(line: string): void {
    this.bar.interrupt(line);
  }

  private async until(isThere: (counted: number, isMerged: boolean, sweeps: number) => boolean): Promise<void> {
    for (;;) {
      const summary = await this.coordinate.summary();
      const of = (spec: string, status: string) =>
        summary.find((record) => record.spec === spec && record.status === status)?.count ?? 0;
      const counted = of(COUNT, 'finished');
      this.bar.show(counted, `${of(COUNT, 'pending')} pending, ${of(COUNT, 'delayed')} rest after a failure`);
      if (isThere(counted, of(MERGE, 'finished') > 0, of(SWEEP, 'finished'))) return;
      await this.step();
    }
  }

  private async step(): Promise<void> {
    for (const spec of [SPLIT, COUNT, MERGE, SWEEP]) {
      const [failure] = await this.coordinate.spec(spec).failures({ limit: 1 });
      if (failure !== undefined) throw new Error(`${failure.count} units of ${spec} failed: ${failure.cause}`);
    }
    await delay(LOOK_EVERY_MS);
  }
}
