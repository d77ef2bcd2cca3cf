/** Time spent in one function, calls from it left out. */
export interface FunctionTime {
  readonly name: string;
  readonly micros: number;
}

export interface StageTimes {
  /** Microseconds by stage. */
  readonly stages: Readonly<Record<string, number>>;
  /** The longest first. */
  readonly functions: readonly FunctionTime[];
}

/** Sums samples up. */
export class TimeByStage {
  private readonly stages: Record<string, number> = {};
  private readonly functions = new Map<string, number>();

  add(stage: string, name: string, micros: number): void {
    this.stages[stage] = (this.stages[stage] ?? 0) + micros;
    this.functions.set(name, (this.functions.get(name) ?? 0) + micros);
  }

  get isEmpty(): boolean {
    return this.functions.size === 0;
  }

  sorted(): StageTimes {
    const functions = [...this.functions].sort((a, b) => b[1] - a[1]).map(([name, micros]) => ({ name, micros }));
    return { stages: this.stages, functions };
  }
}
