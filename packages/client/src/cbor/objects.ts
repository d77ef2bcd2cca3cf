/** Whether it is an object such as `{}` or what `JSON.parse` and `decode` give, of this realm or another; no instance of a class. */
export function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
