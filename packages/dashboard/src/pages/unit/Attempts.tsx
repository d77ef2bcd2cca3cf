import { useQuery } from '@tanstack/react-query';
import { keepPreviousData } from '@tanstack/react-query';
import { useState } from 'react';
import { AttemptList } from '../../components/AttemptList.js';
import { Button } from '../../components/Button.js';
import { Empty, When } from '../../components/states.js';
import type { UnitPlace } from '../../data/unit.js';
import { ATTEMPTS, attemptsQuery } from '../../data/unit.js';
import { whole } from '../../format/numbers.js';

/** Every try at a unit, the last one on top. */
export function Attempts({ place }: { readonly place: UnitPlace }) {
  const [limit, setLimit] = useState(ATTEMPTS);
  const query = useQuery({ ...attemptsQuery(place, limit), placeholderData: keepPreviousData });
  return (
    <section className="section" aria-label="Attempts">
      <div className="bar">
        <h2>Attempts</h2>
        {query.data && <span className="muted">{whole(query.data.total)}</span>}
      </div>
      <When of={query} lines={4}>
        {({ attempts, total }) =>
          attempts.length === 0 ? (
            <Empty title="Nobody has tried it yet" />
          ) : (
            <>
              {total > attempts.length && (
                <Button onClick={() => setLimit(Math.min(total, limit * 10))}>
                  These are the first {whole(attempts.length)}: show more
                </Button>
              )}
              <AttemptList attempts={attempts.toReversed()} by="worker" />
            </>
          )
        }
      </When>
    </section>
  );
}
