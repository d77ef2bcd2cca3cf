import type { ServerResponse } from 'node:http';

/** An answer to a POST that made something, or found it there. */
export class Created {
  constructor(
    readonly json: string,
    /** Link of the one thing that was made. */
    readonly location: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {}
}

/** A page for people, of a route that browsers are led to. */
export class Page {
  constructor(
    readonly status: number,
    readonly html: string,
    readonly headers: Readonly<Record<string, string | string[]>> = {},
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

/** An answer that goes on for as long as its client listens. While it does the request counts as no work. */
export class LiveAnswer {
  constructor(
    readonly type: string,
    /**
     * Is given the answer when its head is on its way. From then on it is to write to it, and to end it; or to cut it off where
     * it is not read.
     */
    readonly begin: (answer: ServerResponse, cut: () => void) => void,
  ) {}
}

/** The JSON of something, or what makes it. */
export type JsonAnswer = string | JsonStream;
