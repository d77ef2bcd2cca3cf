import type { WorkUnitStatus } from 'coordinate-client';
import type { IconName } from './Icon.js';
import { Icon } from './Icon.js';

const ICONS: Readonly<Record<WorkUnitStatus, IconName>> = {
  available: 'wait',
  pending: 'play',
  finished: 'check',
  failed: 'cross',
  delayed: 'clock',
};

/** A status by picture, word and colour. */
export function StatusBadge({ status }: { readonly status: WorkUnitStatus }) {
  return <Badge tone={status} icon={ICONS[status]} text={status} />;
}

export type Tone = WorkUnitStatus | 'calm' | 'warn';

export function Badge({
  tone,
  icon,
  text,
  title,
}: {
  readonly tone: Tone;
  readonly icon: IconName;
  readonly text: string;
  readonly title?: string;
}) {
  return (
    <span className={`badge tone-${tone}`} title={title}>
      <Icon name={icon} />
      {text}
    </span>
  );
}
