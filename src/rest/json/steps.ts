/** Work that stops where a slice of time is over, until it is told to go on. */
export type Steps<T> = Generator<void, T, void>;

/** Who knows when a slice of time is over: to be asked behind each small step. */
export interface Turn {
  readonly isOver: boolean;
  /** The same after work that took as long as so many small steps. */
  isOverAfter(steps: number): boolean;
}
