/** A parameter that is missing or not what it should be. The message names it and says why. */
export class ParamError extends Error {
  override readonly name = 'ParamError';

  /** @param path which one, such as `options.work_unit_keys[3]`; empty until those who know the name have added it */
  constructor(
    readonly problem: string,
    readonly path = '',
  ) {
    super(path === '' ? problem : `${path} ${problem}`);
  }

  /** The same trouble, seen from the container that holds the value under this name or at this index. */
  within(place: string | number): ParamError {
    const name = typeof place === 'number' ? `[${place}]` : place;
    const separator = this.path === '' || this.path.startsWith('[') ? '' : '.';
    return new ParamError(this.problem, name + separator + this.path);
  }
}
