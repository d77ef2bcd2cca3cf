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

/**
 * A long answer that is made while it is read. Its own type keeps the framework from sending it as a file.
 */
export class JsonStream {
  constructor(
    /** Those that are empty stand for work that was done. */
    readonly chunks: AsyncIterable<string> | Iterable<string>,
    /** What is held in memory until the answer has been read, besides the chunks, in bytes. */
    readonly heldBytes = 0,
  ) {}
}

/** The JSON of something, or what makes it. */
export type JsonAnswer = string | JsonStream;
