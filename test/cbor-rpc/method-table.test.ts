import { Controller, Scope } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { expect, it } from 'vitest';
import type { CallerHere } from '../../src/access/caller.js';
import type { Encodable } from '../../src/cbor/index.js';
import { params, text } from '../../src/cbor-rpc/params/index.js';
import type { Peer } from '../../src/cbor-rpc/peer.js';
import { RpcMethod, type RpcMethodDeclaration } from '../../src/cbor-rpc/rpc-method.decorator.js';
import { RawClient } from './client.js';
import { startRpcApp } from './rpc-app.js';

@Controller()
class Base {
  protected readonly greeting: string = 'hello';

  @RpcMethod({ name: 'inherited', needs: 'read', params: params({}) })
  inherited(): string {
    return this.greeting;
  }
}

@Controller()
class Derived extends Base {
  protected override readonly greeting = 'good day';

  @RpcMethod({ name: 'own', needs: 'read', params: params({}) })
  own(): string {
    return this.greeting;
  }
}

@Controller()
class Again {
  @RpcMethod({ name: 'own', needs: 'read', params: params({}) })
  own(): null {
    return null;
  }
}

@Controller({ scope: Scope.REQUEST })
class PerRequest {
  @RpcMethod({ name: 'per_request', needs: 'read', params: params({}) })
  perRequest(): null {
    return null;
  }
}

@Controller()
class Unguarded {
  // What declares no right does not compile either; a plain JavaScript object would.
  @RpcMethod({ name: 'unguarded', params: params({}) } as RpcMethodDeclaration<object>)
  unguarded(): null {
    return null;
  }
}

@Controller()
class ForWhom {
  @RpcMethod({ name: 'for_whom', needs: 'work', params: params({}) })
  forWhom(): null {
    return null;
  }
}

@Controller()
class Asking {
  @RpcMethod({ name: 'who_am_i', needs: 'read', params: params({ question: text }) })
  whoAmI({ name, address, namespace }: CallerHere, { question }: { question: string }, peer: Peer): Encodable {
    return [name, address, namespace, question, peer.isGone];
  }
}

@Controller()
class Plain {
  @MessagePattern('plain')
  plain(): null {
    return null;
  }
}

it('calls handlers on their object, inherited ones too', async () => {
  const rpc = await startRpcApp([Derived]);
  const client = await RawClient.connect(rpc.port);
  expect([await client.call('own'), await client.call('inherited')]).toEqual(['good day', 'good day']);
  expect([...rpc.statistics.methods.keys()].sort()).toEqual(['inherited', 'own']);
  client.destroy();
  await rpc.close();
});

it('refuses to start with two methods of one name', async () => {
  await expect(startRpcApp([Derived, Again])).rejects.toThrow('two handlers answer to the CBOR-RPC method own');
});

it('refuses to start with a method that declares no right', async () => {
  await expect(startRpcApp([Unguarded])).rejects.toThrow('method unguarded does not declare the right that it needs');
});

it('refuses to start with a method of workers that does not say for which', async () => {
  await expect(startRpcApp([ForWhom])).rejects.toThrow('for_whom does not declare the workers that it acts for');
});

it('tells handlers who calls, in which namespace, and over which connection', async () => {
  const rpc = await startRpcApp([Asking]);
  const client = await RawClient.connect(rpc.port);
  expect(await client.call('who_am_i', 'what?')).toEqual(['everybody', '127.0.0.1', 'tests', 'what?', false]);
  client.destroy();
  await rpc.close();
});

it('refuses to start with handlers for each request', async () => {
  await expect(startRpcApp([PerRequest])).rejects.toThrow('the handlers of per_request must not be request-scoped');
});

it('refuses to start with handlers that it does not serve', async () => {
  await expect(startRpcApp([Plain])).rejects.toThrow('message patterns that are no @RpcMethod: plain');
});

it('says when its port is in use', async () => {
  const rpc = await startRpcApp([Derived]);
  await expect(startRpcApp([Derived], { port: rpc.port })).rejects.toThrow('EADDRINUSE');
  await rpc.close();
});
