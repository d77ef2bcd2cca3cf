import { Controller, Get, Module, type Type } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { expect, it } from 'vitest';
import { OPEN } from '../../src/access/need.js';
import { ANSWERING } from '../../src/app.module.js';
import { params } from '../../src/cbor-rpc/params/index.js';
import { RpcMethod, type RpcMethodDeclaration } from '../../src/cbor-rpc/rpc-method.decorator.js';
import { checkPlugin, takenBy } from '../../src/plugins/check-plugin.js';
import { type Plugin, PLUGIN_INTERFACE } from '../../src/plugins/plugin.js';
import { PLUGIN_TAG, Route, type RouteDescription } from '../../src/rest/openapi/route.js';

const NOTHING = params({});
const ROUTE: RouteDescription = { id: 'x', summary: 'X', needs: 'read', tag: PLUGIN_TAG, answer: 204 };

function method(declaration: Partial<RpcMethodDeclaration<object>>): Type {
  @Controller()
  class Handlers {
    @RpcMethod({ name: 'mine', needs: 'read', params: NOTHING, ...declaration })
    mine(): null {
      return null;
    }
  }
  return Handlers;
}

function route(path: string, description: Partial<RouteDescription> = {}, prefix = ''): Type {
  @Controller(prefix)
  class Routes {
    @Route('GET', path, { ...ROUTE, ...description })
    mine(): void {}
  }
  return Routes;
}

function withControllers(...controllers: Type[]): Plugin {
  @Module({ controllers })
  class Inner {}
  // Found through what it imports, too.
  @Module({ imports: [Inner] })
  class Outer {}
  return { name: 'mine', madeFor: PLUGIN_INTERFACE, module: Outer };
}

const GOOD = withControllers(method({}), route('namespace/:namespace/mine'), route('mine', { needs: OPEN }, 'of'));

async function refusalOf(given: unknown): Promise<string | undefined> {
  const taken = await takenBy(ANSWERING);
  try {
    await checkPlugin('./mine.js', given, taken);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

it('a plug-in with methods and routes of its own is taken', async () => {
  const taken = await takenBy(ANSWERING);
  const { controllers } = await checkPlugin('./mine.js', GOOD, taken);
  expect(controllers.size).toBe(3);
  expect([...taken].filter(([, by]) => by === './mine.js').map(([key]) => key)).toEqual([
    'the name mine',
    'the CBOR-RPC method mine',
    'GET /namespace/:…/mine',
    'GET /of/mine',
  ]);
});

@Controller()
class Bare {
  @Get('bare')
  bare(): null {
    return null;
  }
}

@Controller()
class Foreign {
  @MessagePattern('foreign')
  foreign(): null {
    return null;
  }
}

it.each<[what: string, given: unknown, reason: string]>([
  ['nothing', undefined, 'exports no plug-in: its default export is to be what definePlugin makes'],
  ['no name', { ...GOOD, name: 'a b' }, 'its name must be of letters, digits and hyphens'],
  [
    'no version',
    { ...GOOD, madeFor: 1 },
    "does not say which version of the interface it is made for, such as madeFor: '1.1'",
  ],
  [
    'another major version',
    { ...GOOD, madeFor: '2.0' },
    'is made for version 2.0 of the interface, and this daemon has 1.1',
  ],
  [
    'a newer minor version',
    { ...GOOD, madeFor: '1.2' },
    'is made for version 1.2 of the interface, and this daemon has 1.1',
  ],
  [
    'callers without rights',
    { ...GOOD, callers: [{ source: Bare }] },
    'declares no rights for the callers that Bare knows',
  ],
  [
    'callers with a right that there is not',
    { ...GOOD, callers: [{ source: Bare, rights: { n: ['fly'] } }] },
    'rights of the callers that Bare knows["n"][0] must be one of read, submit, work, define, admin, operate',
  ],
  ['callers that are no class', { ...GOOD, callers: [{}] }, 'its callers must have a class as their source'],
  [
    'callers by a plug-in that an older daemon would take without them',
    { ...GOOD, madeFor: '1.0', callers: [{ source: Bare, rights: {} }] },
    'knows callers, which it may from version 1.1 of the interface on',
  ],
  ['no module', { ...GOOD, module: undefined }, 'exports no module, and nothing else that the daemon could use'],
  [
    'a method without a right',
    withControllers(method({ needs: undefined })),
    'the CBOR-RPC method mine does not declare the right that it needs',
  ],
  [
    'a method that works for nobody',
    withControllers(method({ needs: 'work' })),
    'the CBOR-RPC method mine does not declare the workers that it acts for',
  ],
  [
    'a method of the daemon',
    withControllers(method({ name: 'get_work', actsFor: () => [], needs: 'work' })),
    'takes the CBOR-RPC method get_work, which the daemon has',
  ],
  ['a route that is not declared', withControllers(Bare), 'GET /bare does not declare the right that it needs'],
  [
    'a route that needs a right in no namespace',
    withControllers(route('mine')),
    'GET /mine needs a right in the namespace of its path, and has none there',
  ],
  [
    'a route of the daemon',
    withControllers(route('namespace/:namespace/work_spec/:unit')),
    'takes GET /namespace/:…/work_spec/:…, which the daemon has',
  ],
  [
    'a page of the daemon',
    withControllers(route('ui/mine', { needs: OPEN })),
    'takes GET /ui/mine, which is for the daemon',
  ],
  ['a foreign pattern', withControllers(Foreign), 'has patterns of messages that are no @RpcMethod: foreign'],
])('%s is refused', async (_, given, reason) => {
  expect(await refusalOf(given)).toBe(`plug-in ./mine.js: ${reason}`);
});

it('a route that declares no right, or one that there is not, cannot be made', () => {
  const declaring = (needs: unknown) => () => route('mine', { needs: needs as 'read' });
  expect(declaring(undefined)).toThrow('GET mine does not declare the right that it needs');
  expect(declaring('fly')).toThrow('GET mine needs a right that there is not');
});

it('two plug-ins have nothing of the same name', async () => {
  const taken = await takenBy(ANSWERING);
  await checkPlugin('./mine.js', GOOD, taken);
  const other = { ...withControllers(method({})), name: 'other' };
  await expect(checkPlugin('./other.js', other, taken)).rejects.toThrow(
    'plug-in ./other.js: takes the CBOR-RPC method mine, which ./mine.js has',
  );
});
