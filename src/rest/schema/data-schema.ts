import type { Schema } from '../openapi/schema.js';
import { component } from '../openapi/schema.js';

const DATA_OBJECT = component('DataObject', {
  type: 'object',
  description:
    'A data dictionary. Integers are exact; a number written with a fraction or an exponent is a float and stays one. What ' +
    'JSON cannot say is spelt out by an object of one key: {"$bytes": base64}, {"$utf8": text} for bytes that are text, ' +
    '{"$tuple": [...]}, {"$uuid": text}, {"$int": digits}, {"$float": "NaN"}, {"$float32": 1.5}, {"$float16": 1.5}, ' +
    '{"$tag": [number, value]}, {"$undefined": true}, {"$simple": code}, {"$map": [[key, value], ...]}, {"$cbor": base64}. ' +
    'With ?data=json answers have these in place of base64; an object that really has such a key alone is a $map.',
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
