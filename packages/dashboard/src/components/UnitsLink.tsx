import { useRouter } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { PAGE_BASE } from '../data/connection.js';
import { pathPart } from '../names.js';

interface UnitsSearch {
  readonly status?: string;
  /** The id of a cause. */
  readonly failure?: string;
}

/** The way to the units of a work spec, or to some of them. */
export function UnitsLink({
  namespace,
  spec,
  search,
  className,
  children,
}: {
  readonly namespace: string;
  readonly spec: string;
  readonly search?: UnitsSearch;
  readonly className?: string;
  readonly children: ReactNode;
}) {
  const { history } = useRouter();
  const asked = new URLSearchParams(Object.entries(search ?? {})).toString();
  const path = `n/${pathPart(namespace)}/units/${pathPart(spec)}${asked === '' ? '' : `?${asked}`}`;
  const href = PAGE_BASE + path;
  return (
    <a
      className={className}
      href={href}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        history.push(href);
      }}
    >
      {children}
    </a>
  );
}
