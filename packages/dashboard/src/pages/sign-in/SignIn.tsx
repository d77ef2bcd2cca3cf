import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useEffect, useRef, useState } from 'react';
import { Button } from '../../components/Button.js';
import { Icon } from '../../components/Icon.js';
import { ErrorNote } from '../../components/states.js';
import { goOn, sessionQuery, signIn, signInAddress } from '../../data/session.js';

/** Whether what is sent can be read on its way. */
const isOpen = location.protocol === 'http:' && !/^(localhost|127\.|\[::1\])/.test(location.hostname);

/** Where the daemon asks who one is: in place of the page, which goes on where it was. */
export function SignIn() {
  const elsewhere = useQuery(sessionQuery()).data?.sign_in_url;
  return (
    <main className="sign-in">
      <Ways title="Sign in to Coordinate" elsewhere={elsewhere !== undefined && { href: signInAddress(elsewhere) }} />
    </main>
  );
}

/** How often it is asked whether one has signed in in another tab, in milliseconds. */
const LOOK_MS = 2_000;

/**
 * The same over a page that was in use when its session ended. The page stays as it is below, also what is typed there and not sent yet,
 * and is not to be seen until somebody has signed in.
 */
export function SignInAgain() {
  const { data: session } = useQuery(sessionQuery(LOOK_MS));
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current!.showModal();
    // A second Escape would close it all the same, and the dialog below with it.
    const stay = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') event.preventDefault();
    };
    document.addEventListener('keydown', stay, true);
    return () => {
      document.removeEventListener('keydown', stay, true);
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  const isKnown = session?.known ?? false;
  useEffect(() => {
    if (isKnown) void goOn();
  }, [isKnown]);
  const url = session?.sign_in_url;
  return (
    <dialog
      ref={dialog}
      className="sign-in again"
      aria-label="Sign in again"
      onCancel={(event) => event.preventDefault()}
      // Browsers without keys have other ways to close it.
      onClose={() => dialog.current?.showModal()}
    >
      <Ways
        title="Your session has ended"
        elsewhere={url !== undefined && { href: url, target: '_blank', rel: 'noreferrer' }}
      >
        <p className="muted">Sign in, and the page goes on where it was: what you have typed is still there.</p>
      </Ways>
    </dialog>
  );
}

function Ways({
  title,
  elsewhere,
  children,
}: {
  readonly title: string;
  readonly elsewhere: { readonly href: string; readonly target?: string; readonly rel?: string } | false;
  readonly children?: ReactNode;
}) {
  return (
    <div className="sign-in-ways">
      <h1>{title}</h1>
      {children}
      {elsewhere && (
        <>
          <a className="button main" {...elsewhere}>
            <Icon name="link" />
            Sign in with your account{elsewhere.target && ', in another tab'}
          </a>
          <p className="muted">Or, if you have one, with a token:</p>
        </>
      )}
      <TokenForm />
      {isOpen && <ErrorNote error="This page came without TLS: whoever can read the network can read the token." />}
    </div>
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
