import { CallerSource, definePlugin, Injectable, type KnownCaller, Module, type Shown } from 'coordinate-daemon/plugin';
import { keysIn } from './keys.js';
import { Signatures } from './signatures.js';

const signatures = new Signatures(keysIn(process.env.SIGNED_KEYS));

/** Knows who signs requests with a key that both sides have, and never sends it. */
@Injectable()
class SignedCallers extends CallerSource {
  override identify(shown: Shown): KnownCaller | 'wrong' | undefined {
    if (shown.door === 'rpc') return signatures.check(shown.token, `hello ${shown.namespace}`);
    const { method, url, headers } = shown;
    return signatures.check(headers['x-signature'], `${method} ${url}`);
  }
}

@Module({ providers: [SignedCallers] })
class SignedModule {}

export default definePlugin({
  name: 'signed',
  madeFor: '1.1',
  module: SignedModule,
  // Whatever the file of keys says, nobody becomes an administrator by a signature.
  callers: [{ source: SignedCallers, rights: { '*': ['read', 'submit', 'work'] } }],
});
