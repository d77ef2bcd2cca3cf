/** Imports what is no part of the daemon. @param specifier - a URL, or what a resolver stands for */
export function importOutside(specifier: string): Promise<object> {
  return import(/* @vite-ignore */ specifier) as Promise<object>;
}
