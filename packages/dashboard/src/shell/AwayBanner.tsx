import { Icon } from '../components/Icon.js';
import { Time } from '../components/Time.js';
import { away } from '../data/connection.js';
import { useStore } from '../store.js';

/** Says that what is shown is of before. */
export function AwayBanner() {
  const since = useStore(away);
  return (
    <div className="away" role="status" hidden={since === undefined}>
      {since && (
        <>
          <Icon name="alert" />
          <span>
            The daemon does not answer since <Time at={since} />. What you see is of before; it goes on by itself.
          </span>
        </>
      )}
    </div>
  );
}
