/**
 * A result that is there already or comes later. The memory backend answers at once and a database later; keeping both
 * in one type keeps promises off the path of the backend that needs none.
 */
export type Awaitable<T> = T | Promise<T>;

/** Applies `use` to an awaitable value, at once when it is there at once. */
export function whenReady<T, R>(value: Awaitable<T>, use: (value: T) => Awaitable<R>): Awaitable<R> {
  return value instanceof Promise ? value.then(use) : use(value);
}
