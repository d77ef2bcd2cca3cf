import { CoordinateError } from 'coordinate-client';
import type { ReactNode } from 'react';
import { Icon } from './Icon.js';

interface EmptyProps {
  readonly title: string;
  /** Whether it is all of a page, which then has no other heading. */
  readonly isPage?: boolean;
  readonly children?: ReactNode;
}

/** Where there is nothing: why, and what to do about it. */
export function Empty({ title, isPage = false, children }: EmptyProps) {
  const Title = isPage ? 'h1' : 'p';
  return (
    <div className="empty">
      <Title className="empty-title">{title}</Title>
      {children && <div className="empty-text">{children}</div>}
    </div>
  );
}

/** What the daemon says is wrong, in its own words. */
export function ErrorNote({ error, title }: { readonly error: unknown; readonly title?: string }) {
  const details = error instanceof CoordinateError ? error.details : [];
  return (
    <div className="error-note" role="alert">
      <Icon name="alert" />
      <div>
        <p>
          {title && <strong>{title} </strong>}
          {error instanceof Error ? error.message : String(error)}
        </p>
        {details.length > 0 && (
          <ul>
            {details.map(({ field, value, reason }) => (
              <li key={field + value + reason}>
                <code>{field}</code> {value !== '' && <code className="muted">{value}</code>} {reason}
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}

/** Room for what is on its way, shown only once that takes long enough to be noticed. */
export function Loading({ lines = 6 }: { readonly lines?: number }) {
  return (
    <div className="loading" role="status">
      <span className="sr-only">Loading</span>
      {Array.from({ length: lines }, (_, line) => (
        <div key={line} className="loading-line" />
      ))}
    </div>
  );
}

interface Loaded<T> {
  readonly data: T | undefined;
  readonly error: unknown;
}

/** What has been asked for, or that it is on its way, or why it can't be had. What was there before stays when it can't be had again. */
export function When<T>({
  of: { data, error },
  lines,
  children,
}: {
  readonly of: Loaded<T>;
  readonly lines?: number;
  readonly children: (data: T) => ReactNode;
}) {
  if (data !== undefined) return children(data);
  return error === null || error === undefined ? <Loading lines={lines} /> : <ErrorNote error={error} />;
}
