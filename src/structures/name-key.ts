/** One key for several names, which may hold anything: no others have the same. */
export function nameKey(...names: readonly string[]): string {
  return names.map((name) => `${name.length} ${name}`).join('');
}
