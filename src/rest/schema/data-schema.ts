import type { Schema } from '../openapi/schema.js';
import { component } from '../openapi/schema.js';

const DATA_OBJECT = component('DataObject', {
  type: 'object',
  description:
    'A data dictionary. Integers are exact; a number written with a fraction or an exponent is a float and stays one.',
  additionalProperties: true,
  example: { url: 'http://www.example.org/', pages: 3 },
});

const DATA_CBOR = component('DataCbor', {
  type: 'string',
  format: 'byte',
  description:
    'A data dictionary as base64 of its CBOR. The server answers so whenever an object would lose something: tuples, ' +
    'UUIDs, bytes that are not UTF-8, NaN, infinities, negative zero, integers past 2^53, keys that are not strings, ' +
    'tags. It accepts either form.',
  example: 'oWFhAQ==',
});

/** A data dictionary in a body or an answer. */
export const DATA_SCHEMA: Schema = { oneOf: [DATA_OBJECT, DATA_CBOR] };
