import type { ByteName } from '../../domain/names.js';
import { invalidValue } from '../errors/rest-error.js';
import { optional } from './body.js';
import { encodedName, name } from './fields.js';

/** The two ways in which a body can name what it makes. */
export function nameMembers(example: string) {
  return {
    name: optional(name(example), 'Its name.'),
    name_encoded: optional(encodedName(example), 'In place of name: the name in the encoding of paths, for any bytes.'),
  };
}

/** The name that a body gives. @throws RestError (400) when it gives none */
export function givenName(body: { name?: ByteName; name_encoded?: ByteName }, field = 'name'): ByteName {
  const given = body.name_encoded ?? body.name;
  if (given === undefined) throw invalidValue(field, '', 'is required');
  return given;
}
