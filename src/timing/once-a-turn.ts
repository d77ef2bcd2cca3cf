/** Does something in the next turn of the event loop, once however often it is asked for. */
export class OnceATurn {
  private isAwaited = false;

  constructor(private readonly act: () => void) {}

  await(): void {
    if (this.isAwaited) return;
    this.isAwaited = true;
    setImmediate(this.begin);
  }

  private readonly begin = (): void => {
    this.isAwaited = false;
    this.act();
  };
}
