import { useState } from 'react';
import { Button } from '../../components/Button.js';
import { ErrorNote } from '../../components/states.js';
import { token } from '../../data/connection.js';
import { mustSignIn, queryClient } from '../../data/query-client.js';
import { viewerQuery } from '../../data/viewer.js';

/** Whether what is sent can be read on its way. */
const isOpen = location.protocol === 'http:' && !/^(localhost|127\.|\[::1\])/.test(location.hostname);

/** Where the daemon asks who one is: in place of the page, which goes on where it was. */
export function SignIn() {
  const [text, setText] = useState('');
  const [error, setError] = useState<unknown>();
  const [isAsking, setAsking] = useState(false);
  const signIn = async (): Promise<void> => {
    setAsking(true);
    setError(undefined);
    token.set(text.trim());
    try {
      const viewer = await queryClient.fetchQuery({ ...viewerQuery(), staleTime: 0, retry: false });
      if (viewer.name === undefined) throw new Error('The daemon does not know this token, or it is no longer valid.');
      mustSignIn.set(false);
      await queryClient.invalidateQueries();
    } catch (reason) {
      token.set(null);
      setError(reason);
    } finally {
      setAsking(false);
    }
  };
  return (
    <main className="sign-in">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void signIn();
        }}
      >
        <h1>Sign in to Coordinate</h1>
        <label className="field">
          <span>Token</span>
          <input
            type="password"
            autoFocus
            autoComplete="current-password"
            spellCheck={false}
            placeholder="coord_…"
            value={text}
            onChange={({ target: { value } }) => setText(value)}
          />
        </label>
        <p className="muted">
          Whoever looks after the daemon makes one with <code>coordinated token</code>. It is kept in this tab alone and
          forgotten when you close it.
        </p>
        {isOpen && <ErrorNote error="This page came without TLS: whoever can read the network can read the token." />}
        {error !== undefined && <ErrorNote error={error} />}
        <Button kind="main" type="submit" disabled={text.trim() === '' || isAsking}>
          {isAsking ? 'Signing in …' : 'Sign in'}
        </Button>
      </form>
    </main>
  );
}
