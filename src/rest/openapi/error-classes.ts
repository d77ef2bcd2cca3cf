import { ERRORS, type ErrorEntry } from '../../domain/error-table.js';

/** packages/client/src/generated/errors.ts, but for its layout: a class for each name that answers over REST can have. */
export function errorClasses(): string {
  const named = Object.entries<ErrorEntry>(ERRORS).filter(([name, { overRest }]) => overRest && name !== 'error');
  const classes = named.map(([name, { meaning }]) => {
    return `/** ${sentence(meaning)} */
export class ${classOf(name)} extends CoordinateError {
  override readonly name = '${classOf(name)}';
}
`;
  });
  const entries = named.map(([name, { status }]) => `${name}: { status: ${status}, Class: ${classOf(name)} },`);
  return `// Written by npm run client-sources from src/domain/error-table.ts: change that.
import { CoordinateError } from '../rest/coordinate-error.js';

${classes.join('\n')}
/** By the names on the wire. */
export const ERRORS_BY_NAME: Readonly<Record<string, { readonly status: number; readonly Class: typeof CoordinateError }>> = {
${entries.join('\n')}
};
`;
}

/** `NoSuchWorkSpecError` for `ErrNoSuchWorkSpec`. */
function classOf(name: string): string {
  return `${name.replace(/^Err/, '')}Error`;
}

function sentence(text: string): string {
  return `${text[0].toUpperCase()}${text.slice(1)}.`;
}
