import type { INestApplication } from '@nestjs/common';
import type { OpenAPIObject } from '@nestjs/swagger';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { VERSION } from '../../version.js';
import { allComponents } from './schema.js';

const TAGS: Readonly<Record<string, string>> = {
  Namespaces: 'Where everything lives; no state is shared between two of them.',
  'Work specs': 'What is to be done: a definition, and the control values derived from it.',
  'Work units': 'The single pieces of work of a work spec.',
  Workers: 'Those who do the work.',
  Attempts: "One worker's tries at one work unit.",
  Service: 'About the service itself.',
};

/** The OpenAPI document of the routes that the app has. */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.0.3')
    .setTitle('Coordinate')
    .setDescription(
      'A job queue: work specs, their work units, and workers that claim units under a lease and report how it went. ' +
        'Durations are whole numbers of nanoseconds, times RFC 3339 in UTC.',
    )
    .setVersion(VERSION)
    .setLicense('MIT', 'https://opensource.org/licenses/MIT')
    .addServer('/');
  for (const [tag, description] of Object.entries(TAGS)) builder.addTag(tag, description);
  const document = SwaggerModule.createDocument(app, builder.build(), {
    operationIdFactory: (_controller, method) => method,
  });
  return {
    ...document,
    // No route asks who is calling.
    security: [],
    components: { schemas: allComponents() as NonNullable<OpenAPIObject['components']>['schemas'] },
  };
}
