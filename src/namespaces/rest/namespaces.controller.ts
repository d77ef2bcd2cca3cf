import { Controller } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Caller, CallerHere } from '../../access/caller.js';
import { invalidValue, RestError } from '../../rest/errors/rest-error.js';
import type { JsonAnswer } from '../../rest/http/answers.js';
import { Created } from '../../rest/http/answers.js';
import { byteNameOfText } from '../../domain/names.js';
import { homeOf, queryOf } from '../../rest/http/path.js';
import { limitOf, nextNamed } from '../../rest/http/window.js';
import { homeIn, namespacesUrl } from '../../rest/links.js';
import { encodeTextName, readable, textOfBytes } from '../../rest/names.js';
import { NAMED_WINDOW } from '../../rest/openapi/parameters.js';
import { Route } from '../../rest/openapi/route.js';
import { givenName } from '../../rest/schema/new-name.js';
import { listAnswer, viewed } from '../../rest/schema/representation.js';
import { NAMESPACE, NAMESPACE_LIST, NEW_NAMESPACE, SUMMARY_EXAMPLE, SUMMARY_RECORD } from './dto/namespace.dto.js';
import { NamespacesService } from '../namespaces.service.js';

const EXAMPLE = JSON.parse(NAMESPACE.json(homeIn('', 'default'))) as unknown;
const summaryAnswer = {
  status: 200,
  description: 'Counts at this moment; those of zero are left out.',
  schema: { type: 'array', items: SUMMARY_RECORD.ref },
  example: SUMMARY_EXAMPLE,
} as const;

@Controller()
export class NamespacesController {
  constructor(private readonly namespaces: NamespacesService) {}

  @Route('GET', 'summary', {
    id: 'getSummary',
    summary: 'Count all work units by namespace, work spec and status',
    needs: { right: 'read', where: 'each' },
    tag: 'Service',
    answer: summaryAnswer,
  })
  async summary(caller: Caller): Promise<JsonAnswer> {
    const all = await this.namespaces.stored.summarize();
    return listAnswer(
      all.filter(({ namespace }) => caller.sees(namespace)),
      SUMMARY_RECORD,
    );
  }

  @Route('GET', 'namespace', {
    id: 'listNamespaces',
    summary: 'List namespaces',
    needs: { right: 'read', where: 'each' },
    tag: 'Namespaces',
    query: NAMED_WINDOW,
    answer: {
      status: 200,
      description: 'The namespaces, with a link to the rest if there is more.',
      schema: NAMESPACE_LIST.ref,
      example: { namespaces: [{ url: '/namespace/default', name: 'default' }] },
    },
  })
  async list(caller: Caller, request: FastifyRequest): Promise<JsonAnswer> {
    const previous = queryOf(request).previous();
    const limit = limitOf(request) ?? Infinity;
    const all = (await this.namespaces.stored.list()).filter((name) => caller.sees(name));
    const following = previous === undefined ? all : all.filter((name) => byteNameOfText(name) > previous);
    const namespaces = following.slice(0, limit);
    const hasMore = following.length > namespaces.length;
    return NAMESPACE_LIST.answer({
      namespaces: viewed(namespaces, (name) => homeOf(request, name)),
      nextUrl: hasMore
        ? nextNamed(namespacesUrl(request.basePath), encodeTextName(namespaces.at(-1)!), limit)
        : undefined,
    });
  }

  @Route('POST', 'namespace', {
    id: 'createNamespace',
    summary: 'Make a namespace',
    needs: { right: 'admin', where: 'each' },
    description: 'Makes a namespace, or finds the one of that name.',
    tag: 'Namespaces',
    body: { schema: NEW_NAMESPACE.ref, example: { name: 'default' } },
    answer: { status: 201, description: 'The namespace.', schema: NAMESPACE.ref, example: EXAMPLE, location: true },
  })
  async create(caller: Caller, request: FastifyRequest): Promise<Created> {
    const name = givenName(NEW_NAMESPACE.parse(request.body));
    const namespace = textOfBytes(name);
    if (namespace === undefined) throw invalidValue('name_encoded', readable(name), 'is not UTF-8');
    caller.must('admin', namespace);
    await this.namespaces.ensure(namespace);
    const home = homeOf(request, namespace);
    return new Created(NAMESPACE.json(home), home.url);
  }

  @Route('GET', 'namespace/:namespace', {
    id: 'getNamespace',
    summary: 'Get a namespace',
    needs: { right: 'read', where: 'here', toMake: 'admin' },
    description: 'Gets a namespace; makes it if it is not there.',
    tag: 'Namespaces',
    answer: { status: 200, description: 'The namespace.', schema: NAMESPACE.ref, example: EXAMPLE },
    errors: [404],
  })
  async get(caller: CallerHere, request: FastifyRequest): Promise<string> {
    const { namespace } = caller;
    if (caller.mayHere('admin')) await this.namespaces.ensure(namespace);
    else if (!(await this.namespaces.stored.exists(namespace))) throw new RestError(404, 'there is no such namespace');
    return NAMESPACE.json(homeOf(request, namespace));
  }

  @Route('DELETE', 'namespace/:namespace', {
    id: 'deleteNamespace',
    summary: 'Destroy a namespace and all in it',
    needs: 'admin',
    tag: 'Namespaces',
    answer: 204,
  })
  async destroy({ namespace }: CallerHere): Promise<void> {
    await this.namespaces.stored.destroy(namespace);
  }

  @Route('GET', 'namespace/:namespace/summary', {
    id: 'getNamespaceSummary',
    summary: 'Count the work units of a namespace by work spec and status',
    needs: 'read',
    tag: 'Namespaces',
    answer: summaryAnswer,
  })
  async namespaceSummary({ namespace }: CallerHere): Promise<JsonAnswer> {
    return listAnswer(await this.namespaces.stored.summarize(namespace), SUMMARY_RECORD);
  }
}
