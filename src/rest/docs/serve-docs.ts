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

const PAGE = `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="UTF-8">
    <title>Coordinate</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css">
    <link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

const START = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  validatorUrl: null,
  displayOperationId: true,
  presets: [SwaggerUIBundle.presets.apis],
});
`;

/** Serves the OpenAPI document at /openapi.json and Swagger UI at /docs. Called before the app listens. */
export function serveDocs(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  const document = Buffer.from(JSON.stringify(openApiDocument(app)));
  const serve = (path: string, type: string, content: Buffer): void => {
    fastify.get(path, { config: { needs: OPEN } }, (_request, reply) =>
      reply.header('content-type', type).send(content),
    );
  };
  serve('/openapi.json', 'application/json', document);
  serve('/docs', 'text/html; charset=utf-8', Buffer.from(PAGE));
  serve('/docs/start.js', 'text/javascript; charset=utf-8', Buffer.from(START));
  const folder = swaggerUiFolder();
  for (const [file, type] of Object.entries(ASSETS)) serve(`/docs/${file}`, type, readFileSync(join(folder, file)));
}

/** Swagger UI comes with @nestjs/swagger, in the version that it was made for. */
function swaggerUiFolder(): string {
  const fromHere = createRequire(import.meta.url);
  return dirname(createRequire(fromHere.resolve('@nestjs/swagger')).resolve('swagger-ui-dist/package.json'));
}
