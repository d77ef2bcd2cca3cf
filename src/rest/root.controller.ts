import { Controller } from '@nestjs/common';
import { OPEN } from '../access/need.js';
import { NAMESPACES_URL } from './links.js';
import { Route } from './openapi/route.js';
import { always, link, plainJson, Representation, template } from './schema/representation.js';

const ROOT = new Representation<void>(
  'Root',
  {
    url: always(link('/'), 'This document.', () => plainJson('/')),
    summary_url: always(link('/summary'), 'Counts of all work units.', () => plainJson('/summary')),
    namespaces_url: always(link(NAMESPACES_URL), 'All namespaces.', () => plainJson(NAMESPACES_URL)),
    namespace_url: always(template(`${NAMESPACES_URL}/{namespace}`), 'Template of a namespace.', () =>
      plainJson(`${NAMESPACES_URL}/{namespace}`),
    ),
    docs_url: always(link('/docs'), 'A page to read about all this and try it.', () => plainJson('/docs')),
    openapi_url: always(link('/openapi.json'), 'The document that clients are generated from.', () =>
      plainJson('/openapi.json'),
    ),
  },
  { description: 'Where everything else is found.' },
);

const ROOT_JSON = ROOT.json();

@Controller()
export class RootController {
  @Route('GET', '', {
    id: 'getRoot',
    summary: 'Get the root document',
    needs: OPEN,
    tag: 'Service',
    answer: { status: 200, description: 'The root document.', schema: ROOT.ref, example: JSON.parse(ROOT_JSON) },
  })
  root(): string {
    return ROOT_JSON;
  }
}
