/** An answer to a POST that made something, or found it there. */
export class Created {
  constructor(
    readonly json: string,
    /** Link of the one thing that was made. */
    readonly location: string,
  ) {}
}

/** An answer without a body that has something to say all the same. */
export class NoContent {
  constructor(readonly headers: Readonly<Record<string, string>>) {}
}

/** A long answer that is sent in chunks, as they are made. Its own type keeps the framework from sending it as a file. */
export class JsonStream {
  constructor(readonly chunks: AsyncIterable<string>) {}
}
