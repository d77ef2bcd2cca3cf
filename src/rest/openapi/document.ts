import type { INestApplication } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { type DeclaredNeed, needText, OPEN, READ_ALL } from '../../access/need.js';
import { VERSION } from '../../version.js';
import { RIGHT_KEY, rightIn } from '../access/needs.js';
import { GUIDE } from './guide.js';
import { errorAnswer, PLUGIN_TAG } from './route.js';
import { allComponents } from './schema.js';

const TAGS: Readonly<Record<string, string>> = {
  Namespaces: 'Where everything lives; no state is shared between two of them.',
  'Work specs': 'What is to be done: a definition, and the control values derived from it.',
  'Work units': 'The single pieces of work of a work spec.',
  Workers: 'Those who do the work.',
  Attempts: "One worker's tries at one work unit.",
  Sessions: 'Signing in and out, for people in browsers.',
  Storage: 'For daemons that keep their state in this one.',
  Service: 'About the service itself.',
  [PLUGIN_TAG]: 'What plug-ins of this daemon add.',
};

/** A route beside the API: path, name, summary, what it answers, and what its caller needs, as the route itself declares. */
type ServiceRoute = [path: string, id: string, summary: string, answer: string, needs: DeclaredNeed];

const SERVICE_ROUTES: readonly ServiceRoute[] = [
  ['/openapi.json', 'getOpenApi', 'Get this document', 'The OpenAPI document.', OPEN],
  ['/docs', 'getDocs', 'Read this document in a browser', 'A page of HTML.', OPEN],
  [
    '/metrics',
    'getMetrics',
    'Get the metrics of the daemon',
    'The metrics in the text format of Prometheus.',
    READ_ALL,
  ],
  ['/healthz', 'getHealth', 'Ask whether the daemon is alive', 'It is.', OPEN],
  ['/readyz', 'getReadiness', 'Ask whether the daemon can serve', 'It can.', OPEN],
];

/** Routes beside the API, which are the same for every client. Their answers are of many types, and not described. */
const SERVICE_PATHS: OpenAPIObject['paths'] = Object.fromEntries(
  SERVICE_ROUTES.map(([path, operationId, summary, description, needs]) => [
    path,
    {
      get: {
        operationId,
        summary,
        description: `${summary}. ${needText(needs)}`,
        [RIGHT_KEY]: rightIn(needs),
        tags: ['Service'],
        responses: {
          200: {
            description,
            ...(path === '/openapi.json' && {
              content: {
                'application/json': {
                  schema: { type: 'object', additionalProperties: true },
                  example: { openapi: '3.0.3' },
                },
              },
            }),
          },
          ...(needs !== OPEN && { 401: errorAnswer(401), 403: errorAnswer(403), 429: errorAnswer(429) }),
          405: errorAnswer(405),
          421: errorAnswer(421),
          431: errorAnswer(431),
          500: errorAnswer(500),
          503: { description: 'Not now.' },
        },
      },
    },
  ]),
);

/** The OpenAPI document of the routes that the app has. */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.0.3')
    .setTitle('Coordinate')
    .setDescription(GUIDE)
    .setVersion(VERSION)
    .setLicense('MIT', 'https://opensource.org/licenses/MIT')
    .addServer('/');
  for (const [tag, description] of Object.entries(TAGS)) builder.addTag(tag, description);
  const document = SwaggerModule.createDocument(app, builder.build(), {
    autoTagControllers: false,
  });
  const paths = described(document.paths);
  const hasPlugins = operationsOf(paths).some(({ tags }) => tags?.includes(PLUGIN_TAG));
  return {
    ...document,
    tags: document.tags?.filter(({ name }) => hasPlugins || name !== PLUGIN_TAG),
    paths: { ...paths, ...servicePaths(document.paths) },
    // By choice: a daemon without -auth-tokens asks nobody, and no open operation asks.
    security: [{}, { token: [] }],
    components: {
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'A token of coordinated token, or one that the issuer of -auth-issuer has signed.',
        },
      },
      schemas: allComponents() as NonNullable<OpenAPIObject['components']>['schemas'],
    },
  };
}

/** The paths that are described as routes of the API; what else the app answers is not part of it. */
function described(paths: OpenAPIObject['paths']): OpenAPIObject['paths'] {
  return Object.fromEntries(
    Object.entries(paths).filter(([path, item]) =>
      operationsOf({ [path]: item }).some(({ tags }) => tags?.some((tag) => tag in TAGS)),
    ),
  );
}

function operationsOf(paths: OpenAPIObject['paths']) {
  return Object.values(paths).flatMap(({ get, put, post, delete: remove }) =>
    [get, put, post, remove].filter((operation) => operation !== undefined),
  );
}

/** The service routes there are. Those that are documents of this module are no controller's. */
function servicePaths(paths: OpenAPIObject['paths']): OpenAPIObject['paths'] {
  return Object.fromEntries(
    Object.entries(SERVICE_PATHS).filter(([path]) => path === '/openapi.json' || path === '/docs' || path in paths),
  );
}
