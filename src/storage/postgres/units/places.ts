/** So many are remembered, and up to as many again that came before them. */
const MOST = 50_000;

/**
 * At what places of the table the units are at which this daemon has started attempts, by the numbers of the attempts: who ends one
 * need not look up its unit by name. A place is only where a unit was: whoever goes by it has to see what is there.
 */
export class Places {
  private places = new Map<number, number>();
  private former = new Map<number, number>();

  note(number: number, place: number): void {
    if (this.places.size >= MOST) {
      this.former = this.places;
      this.places = new Map();
    }
    this.places.set(number, place);
  }

  /** @returns undefined when it is not known */
  of(number: number): number | undefined {
    return this.places.get(number) ?? this.former.get(number);
  }

  /** The unit may have been moved. */
  forget(number: number): void {
    this.places.delete(number);
    this.former.delete(number);
  }
}
