import { type ErrorEntry, ERRORS } from '../../domain/error-table.js';
import { markdownTable } from '../../markdown.js';
import { ERROR_KINDS } from './errors.js';

/** docs/errors.md, but for the alignment of its tables. */
export function errorReference(): string {
  return `# Errors

<!-- Written by npm run error-docs from src/domain/error-table.ts and src/rest/openapi/errors.ts: change those. -->

A request that is refused has changed nothing, unless the answer says that this is not known. Over REST the answer is \`{error, message,
value?, details?}\`: \`error\` is one of these names or \`error\`, \`message\` is for people, \`value\` the name that was looked
for, \`details\` says \`{field, value, reason}\` of what is wrong with the request. Over CBOR-RPC there are no names: an error is
\`{message}\`, and most methods say what is expected to happen, such as a name that is not there, in a result of their own
([all methods](cbor-rpc-methods.md)).

## Names

${markdownTable(
  ['error', 'status', 'message', 'meaning'],
  entries().map(([name, { status, message, meaning }]) => [`\`${name}\``, String(status), message, meaning]),
)}

These names are known to programs written for the Go daemon, and no answer has them:

${markdownTable(
  ['error', 'message', 'meaning'],
  entries(false).map(([name, { message, meaning }]) => [`\`${name}\``, message, meaning]),
)}

## Statuses

${markdownTable(
  ['status', 'meaning', 'such as'],
  Object.entries(ERROR_KINDS).map(([status, { description, example }]) => [
    status,
    description,
    String(example.message),
  ]),
)}
`;
}

/** The rows of errors that answers over REST can have, or of those that none has. */
function entries(overRest = true): [string, ErrorEntry][] {
  return Object.entries<ErrorEntry>(ERRORS).filter(([, entry]) => entry.overRest === overRest);
}
