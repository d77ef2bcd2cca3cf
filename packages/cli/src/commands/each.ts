/** What a question about each of many things comes to, in their order, asked about some at a time. */
export async function* askedOfEach<T, R>(
  items: AsyncIterable<T>,
  ask: (item: T) => Promise<R>,
  concurrency = 8,
): AsyncGenerator<R> {
  const asked: Promise<R>[] = [];
  try {
    for await (const item of items) {
      const answer = ask(item);
      // It is thrown when its turn comes.
      answer.catch(() => undefined);
      asked.push(answer);
      if (asked.length >= concurrency) yield await asked.shift()!;
    }
    while (asked.length > 0) yield await asked.shift()!;
  } finally {
    await Promise.allSettled(asked);
  }
}
