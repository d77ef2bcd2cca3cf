/** An answer to a POST that made something, or found it there. */
export class Created {
  constructor(
    readonly json: string,
    /** Link of the one thing that was made. */
    readonly location: string,
  ) {}
}
