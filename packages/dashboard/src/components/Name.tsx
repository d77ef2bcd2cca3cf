import type { Name as NameOf } from 'coordinate-client';
import { shown } from '../names.js';

/** A name as text, whatever is in it, on one line; all of it when pointed at. */
export function Name({ of }: { readonly of: NameOf }) {
  const text = shown(of);
  return (
    <bdi className={of.length === 0 ? 'name none' : 'name'} title={text.length > 24 ? text : undefined}>
      {text}
    </bdi>
  );
}
