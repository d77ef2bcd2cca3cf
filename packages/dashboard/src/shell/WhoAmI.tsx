import { useQuery } from '@tanstack/react-query';
import { Button } from '../components/Button.js';
import { act } from '../data/act.js';
import { sessionQuery, signOut } from '../data/session.js';

/** Who one is signed in as, what one may do, and the way out. */
export function WhoAmI({ name }: { readonly name: string }) {
  const session = useQuery(sessionQuery()).data;
  const shown = session?.shown_as ?? name;
  const rights = Object.entries(session?.rights ?? {});
  const leave = (): void => void act({ what: 'Signing out', run: signOut, said: () => 'Signed out', changes: [] });
  return (
    <>
      <p className="popover-text">
        Signed in as <strong>{shown}</strong>
        {shown !== name && ` (${name})`}
      </p>
      {session !== undefined && (
        <dl className="rights">
          {rights.length === 0 && <dd>You may do nothing here.</dd>}
          {rights.map(([namespaces, may]) => (
            <div key={namespaces}>
              <dt>
                {namespaces === '*' ? 'everywhere' : namespaces === '' ? 'the namespace without a name' : namespaces}
              </dt>
              <dd>{may.join(', ')}</dd>
            </div>
          ))}
        </dl>
      )}
      <Button kind="quiet" icon="out" onClick={leave}>
        Sign out
      </Button>
    </>
  );
}
