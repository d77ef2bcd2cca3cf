import { useEffect, useState } from 'react';
import { count as countOf, whole } from '../format/numbers.js';

/** Counts units. @param onLook - told how many it has had to look at so far */
export type Count = (onLook: (lookedAt: number) => void) => Promise<Counted>;

export interface Counted {
  readonly units: number;
  /** How many of those that were meant are left as they are. */
  readonly left: number;
}

export interface Counting {
  /** Undefined: it is on its way. */
  readonly found: Counted | Error | undefined;
  readonly lookedAt: number;
}

/** Counts once, where there is something to be counted. */
export function useCount(count: Count | undefined): Counting {
  const [found, setFound] = useState<Counting['found']>();
  const [lookedAt, setLookedAt] = useState(0);
  useEffect(() => {
    let isShown = true;
    count?.((looks) => isShown && setLookedAt(looks)).then(
      (counted) => isShown && setFound(counted),
      (error: Error) => isShown && setFound(error),
    );
    return () => {
      isShown = false;
    };
  }, [count]);
  return { found, lookedAt };
}

/** How many units something is done to, or how far the counting is. */
export function CountedUnits({ found, lookedAt }: Counting) {
  const text =
    found === undefined
      ? `Counting …${lookedAt === 0 ? '' : ` ${whole(lookedAt)} looked at`}`
      : found instanceof Error
        ? found.message
        : countOf(found.units, 'unit');
  return (
    <>
      <p className="confirm-count" role="status">
        {text}
      </p>
      {found !== undefined && !(found instanceof Error) && <LeftUnits left={found.left} />}
    </>
  );
}

/** How many others stay as they are. */
export function LeftUnits({ left }: { readonly left: number }) {
  if (left === 0) return null;
  const rest = left === 1 ? 'that you have selected stays as it is.' : 'that you have selected stay as they are.';
  return (
    <p className="muted">
      {countOf(left, 'other')} {rest}
    </p>
  );
}
