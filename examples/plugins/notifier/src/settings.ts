/** What the environment says of the webhook. */
export interface Settings {
  /** The one address that is posted to. */
  readonly url: URL;
  /** How often it is tried, the first time included. */
  readonly tries: number;
  /** How long it is waited before the second try, in milliseconds; before each one after that twice as long. */
  readonly waitMs: number;
  /** How long one try may take, in milliseconds. */
  readonly timeoutMs: number;
}

/** @throws Error, which keeps the daemon from starting, when it cannot be meant */
export function settingsIn(env: Readonly<Record<string, string | undefined>>): Settings {
  const text = env.NOTIFIER_URL ?? '';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new Error('NOTIFIER_URL must be the address of a webhook, https://… or http://…');
  }
  return {
    url,
    tries: numberIn(env, 'NOTIFIER_TRIES', 5),
    waitMs: numberIn(env, 'NOTIFIER_WAIT_MS', 1_000),
    timeoutMs: numberIn(env, 'NOTIFIER_TIMEOUT_MS', 10_000),
  };
}

function numberIn(env: Readonly<Record<string, string | undefined>>, name: string, usual: number): number {
  const text = env[name];
  if (text === undefined || text === '') return usual;
  const number = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (number < 1) throw new Error(`${name} must be a whole number above 0`);
  return number;
}
