import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { OPEN } from '../../access/need.js';
import { openApiDocument } from '../openapi/document.js';

/** The files of Swagger UI that the page needs, all served from here: it works without any other host. */
const ASSETS: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

/** What the page may do: run and show what is served here, and ask here. Pictures of its own lie in its style sheet. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const page = (base: string): string => `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="UTF-8">
    <title>Coordinate</title>
    <link rel="stylesheet" href="${base}/docs/swagger-ui.css">
    <link rel="icon" type="image/png" href="${base}/docs/favicon-32x32.png">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="${base}/docs/swagger-ui-bundle.js"></script>
    <script src="${base}/docs/start.js"></script>
  </body>
</html>
`;

const START = `SwaggerUIBundle({
  url: new URL('../openapi.json', document.currentScript.src).pathname,
  dom_id: '#swagger-ui',
  deepLinking: true,
  validatorUrl: null,
  displayOperationId: true,
  presets: [SwaggerUIBundle.presets.apis],
});
`;

/**
 * Serves the OpenAPI document at /openapi.json and Swagger UI at /docs. Called before the app listens.
 *
 * @param document - where it has been made already
 */
export function serveDocs(app: NestFastifyApplication, document = openApiDocument(app)): void {
  const fastify = app.getHttpAdapter().getInstance();
  const serve = (path: string, type: string, contentFor: (base: string) => Buffer, policy?: string): void => {
    fastify.get(path, { config: { needs: OPEN } }, ({ basePath }, reply) => {
      if (policy !== undefined) reply.header('content-security-policy', policy);
      return reply.header('content-type', type).send(contentFor(basePath));
    });
  };
  const documentFor = forEachBase((base) => JSON.stringify({ ...document, servers: [{ url: base || '/' }] }));
  serve('/openapi.json', 'application/json', documentFor);
  serve('/docs', 'text/html; charset=utf-8', forEachBase(page), PAGE_POLICY);
  const fixed = (content: Buffer) => () => content;
  serve('/docs/start.js', 'text/javascript; charset=utf-8', fixed(Buffer.from(START)));
  const folder = swaggerUiFolder();
  for (const [file, type] of Object.entries(ASSETS)) {
    serve(`/docs/${file}`, type, fixed(readFileSync(join(folder, file))));
  }
}

/** What is made of a base path, and kept: mostly there is one. */
function forEachBase(make: (base: string) => string): (base: string) => Buffer {
  let last = { base: '', content: Buffer.from(make('')) };
  return (base) => {
    if (base !== last.base) last = { base, content: Buffer.from(make(base)) };
    return last.content;
  };
}

/** Swagger UI comes with @nestjs/swagger, in the version that it was made for. */
function swaggerUiFolder(): string {
  const fromHere = createRequire(import.meta.url);
  return dirname(createRequire(fromHere.resolve('@nestjs/swagger')).resolve('swagger-ui-dist/package.json'));
}
