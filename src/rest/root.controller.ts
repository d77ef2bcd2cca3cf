import { Controller } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../access/caller.js';
import { OPEN } from '../access/need.js';
import { namespacesUrl } from './links.js';
import { Route } from './openapi/route.js';
import { always, link, plainJson, Representation, template } from './schema/representation.js';

/** The links of what is nobody's in particular, by what they begin with. */
const at = (path: string, description: string) =>
  always(link(path), description, (base: string) => plainJson(base + path));

const ROOT = new Representation<string>(
  'Root',
  {
    url: at('/', 'This document.'),
    summary_url: at('/summary', 'Counts of all work units.'),
    namespaces_url: always(link('/namespace'), 'All namespaces.', (base) => plainJson(namespacesUrl(base))),
    namespace_url: always(template('/namespace/{namespace}'), 'Template of a namespace.', (base) =>
      plainJson(`${namespacesUrl(base)}/{namespace}`),
    ),
    docs_url: at('/docs', 'A page to read about all this and try it.'),
    openapi_url: at('/openapi.json', 'The document that clients are generated from.'),
  },
  { description: 'Where everything else is found.' },
);

@Controller()
export class RootController {
  @Route('GET', '', {
    id: 'getRoot',
    summary: 'Get the root document',
    needs: OPEN,
    tag: 'Service',
    answer: { status: 200, description: 'The root document.', schema: ROOT.ref, example: JSON.parse(ROOT.json('')) },
  })
  root(_caller: Caller, { basePath }: FastifyRequest): string {
    return ROOT.json(basePath);
  }
}
