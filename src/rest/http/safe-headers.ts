/**
 * What every answer has for browsers, whatever is in it: they take it for nothing but what it says it is, run nothing of it,
 * show it in no frame, and tell nobody where they had it from.
 */
export const SAFE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};
