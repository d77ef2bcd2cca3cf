/** For tests of what uses this package: a daemon of their own, and workers that work until there is nothing left. */
export { drain } from './drain.js';
export type { DrainOptions } from './drain.js';
export type { TestClock } from './test-clock.js';
export { startCoordinate, withCoordinate } from './with-coordinate.js';
export type { TestCoordinate, TestOptions } from './with-coordinate.js';
