import type { InputHTMLAttributes, Ref } from 'react';
import { Icon } from './Icon.js';

/** Where one types what to look for. */
export function SearchField({
  label,
  fieldRef,
  ...rest
}: { readonly label: string; readonly fieldRef?: Ref<HTMLInputElement> } & InputHTMLAttributes<HTMLInputElement>) {
  return (
    <label className="search-field">
      <Icon name="search" />
      <span className="sr-only">{label}</span>
      <input ref={fieldRef} type="search" placeholder={label} spellCheck={false} autoComplete="off" {...rest} />
    </label>
  );
}

/** One of a few, all of which are seen. */
export function Choice<T extends string>({
  label,
  options,
  value,
  onChange,
}: {
  readonly label: string;
  readonly options: readonly (readonly [value: T, title: string])[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}) {
  return (
    <div className="choice" role="group" aria-label={label}>
      {options.map(([one, title]) => (
        <button key={one} type="button" aria-pressed={one === value} onClick={() => onChange(one)}>
          {title}
        </button>
      ))}
    </div>
  );
}
