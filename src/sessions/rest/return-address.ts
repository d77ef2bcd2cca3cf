/** So long may an address be that somebody goes on at. */
const LONGEST = 2_000;

/**
 * Where somebody goes on who has signed in: a path of this server, whatever was asked for, so that no link leads by way of a sign-in here
 * to a page of another.
 * @param fallback - taken where it is none
 */
export function returnAddress(asked: string | undefined, fallback: string): string {
  if (asked === undefined || asked.length > LONGEST) return fallback;
  // Browsers take \ for /, and pass over what cannot be seen: neither has any business there.
  if (!/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(asked)) return fallback;
  const here = 'http://here.invalid';
  if (!URL.canParse(asked, here)) return fallback;
  const { origin, pathname, search, hash } = new URL(asked, here);
  // As a browser reads it: /./ and /x/.. may leave two slashes at its beginning.
  return origin === here && !pathname.startsWith('//') ? pathname + search + hash : fallback;
}
