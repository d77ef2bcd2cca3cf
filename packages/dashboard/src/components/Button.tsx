import type { ButtonHTMLAttributes, ReactNode } from 'react';
import type { IconName } from './Icon.js';
import { Icon } from './Icon.js';

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly kind?: 'plain' | 'main' | 'danger' | 'quiet';
  readonly icon?: IconName;
  /** What it does, where only the picture is shown. */
  readonly label?: string;
  readonly children?: ReactNode;
}

export function Button({ kind = 'plain', icon, label, children, className = '', ...rest }: Props) {
  return (
    <button type="button" className={`button ${kind} ${className}`} aria-label={label} title={label} {...rest}>
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}
