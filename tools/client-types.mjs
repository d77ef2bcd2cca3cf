import openapiTS, { astToString } from 'openapi-typescript';

/**
 * packages/client/src/generated/bodies.ts, but for its layout: the types of the bodies of REST as the OpenAPI document has them.
 */
export async function clientTypes({ openapi, info, components: { schemas } }) {
  const types = await openapiTS({ openapi, info, paths: {}, components: { schemas } }, { silent: true });
  return `// Written by npm run client-sources from the OpenAPI document of the daemon: change that.\n${onlyComponents(astToString(types))}`;
}

/** Without what stands for paths and operations, of which there are none here. */
function onlyComponents(source) {
  const begin = source.indexOf('export interface components');
  const end = source.indexOf('\n}', begin) + 2;
  return `${source.slice(begin, end)}\n`;
}
