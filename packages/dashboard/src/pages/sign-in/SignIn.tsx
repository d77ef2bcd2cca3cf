import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../components/Button.js';
import { Icon } from '../../components/Icon.js';
import { ErrorNote } from '../../components/states.js';
import { sessionQuery, signIn, signInAddress } from '../../data/session.js';

/** Whether what is sent can be read on its way. */
const isOpen = location.protocol === 'http:' && !/^(localhost|127\.|\[::1\])/.test(location.hostname);

/** Where the daemon asks who one is: in place of the page, which goes on where it was. */
export function SignIn() {
  const elsewhere = useQuery(sessionQuery()).data?.sign_in_url;
  return (
    <main className="sign-in">
      <div className="sign-in-ways">
        <h1>Sign in to Coordinate</h1>
        {elsewhere !== undefined && (
          <>
            <a className="button main" href={signInAddress(elsewhere)}>
              <Icon name="link" />
              Sign in with your account
            </a>
            <p className="muted">Or, if you have one, with a token:</p>
          </>
        )}
        <TokenForm />
        {isOpen && <ErrorNote error="This page came without TLS: whoever can read the network can read the token." />}
      </div>
    </main>
  );
}

function TokenForm() {
  const [text, setText] = useState('');
  const [error, setError] = useState<unknown>();
  const [isAsking, setAsking] = useState(false);
  const submit = async (): Promise<void> => {
    setAsking(true);
    setError(undefined);
    try {
      await signIn(text.trim());
    } catch (reason) {
      setError(reason);
    } finally {
      setAsking(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
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
        Whoever looks after the daemon makes one with <code>coordinated token</code>. This page does not keep it: you
        stay signed in for twelve hours, or until you sign out.
      </p>
      {error !== undefined && <ErrorNote error={error} />}
      <Button kind="main" type="submit" disabled={text.trim() === '' || isAsking}>
        {isAsking ? 'Signing in …' : 'Sign in'}
      </Button>
    </form>
  );
}
