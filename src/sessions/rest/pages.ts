import { Page } from '../../rest/http/answers.js';

const NO_STORE = { 'cache-control': 'no-store' };

function document(title: string, head: string, body: string): string {
  return `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="UTF-8">
    <meta name="viewport" content="width=device-width">
    <title>${title}</title>${head}
  </head>
  <body>
    <h1>${title}</h1>
    ${body}
  </body>
</html>
`;
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

/** Leads a browser to another address. */
export function leadTo(url: string, cookies: string[]): Page {
  return new Page(302, '', { ...NO_STORE, location: url, 'set-cookie': cookies });
}

/**
 * A page that goes on by itself. A browser that was led on at once would still come from the issuer's site, and would keep the
 * cookie of the session to itself.
 * @param path - of this server
 */
export function goesOn(path: string, cookies: string[]): Page {
  const to = escaped(path);
  const head = `\n    <meta http-equiv="refresh" content="0;url=${to}">`;
  const html = document('Signed in', head, `<p><a href="${to}">Go on</a></p>`);
  return new Page(200, html, { ...NO_STORE, 'set-cookie': cookies });
}

/** Tells somebody why they are not signed in. @param again - the path where they may try once more */
export function failed(
  status: 400 | 429 | 503,
  why: string,
  again: string,
  headers: Readonly<Record<string, string | string[]>> = {},
): Page {
  const body = `<p>${escaped(why)}</p>\n    <p><a href="${escaped(again)}">Try again</a></p>`;
  return new Page(status, document('Not signed in', '', body), { ...NO_STORE, ...headers });
}
