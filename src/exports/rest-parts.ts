/** What routes of plug-ins read and answer with; `rest` of `coordinate-daemon/plugin`. */
export { RestError, invalidValue, invalidValues } from '../rest/errors/rest-error.js';
export { Created, type JsonAnswer, NoContent } from '../rest/http/answers.js';
export { homeOf, namespaceOf, part as partOf, queryOf, workerOf, workSpecOf, workUnitOf } from '../rest/http/path.js';
export { encodeByteName, encodeTextName, readable } from '../rest/names.js';
export { parameter as queryParameter, type QueryParameter } from '../rest/openapi/parameters.js';
export type { Ref, Schema, SchemaOrRef } from '../rest/openapi/schema.js';
export { type BodyOf, type Field, nullable, ObjectField, optional, required } from '../rest/schema/body.js';
export { boolean, choice, data, integer, list, name, number, text, textName, time } from '../rest/schema/fields.js';
export { always, listOf, type OutMember, plainJson, Representation, sometimes } from '../rest/schema/representation.js';
