import type { WorkSpecMeta } from '../../../../domain/work-spec.js';
import type { WorkUnitCounts } from '../../../../domain/work-unit.js';
import { WORK_SPEC_META } from '../../../../work-specs/rest/dto/work-spec-meta.dto.js';

/** Of so many work specs the text is remembered, some hundred bytes each. */
const MOST = 10_000;

interface Text {
  readonly available: number;
  readonly pending: number;
  readonly json: string;
}

/**
 * The JSON of control values, which is most of an overview and changes least: while the values are the same object, and the counts in
 * them the same, it is made once.
 */
export class MetaTexts {
  private readonly texts = new Map<WorkSpecMeta, Text>();

  of(meta: WorkSpecMeta, { available, pending }: WorkUnitCounts): string {
    const known = this.texts.get(meta);
    if (known?.available === available && known.pending === pending) return known.json;
    const json = inOnePiece(WORK_SPEC_META.json({ ...meta, availableCount: available, pendingCount: pending }));
    if (known === undefined && this.texts.size >= MOST) this.forgetOldest();
    this.texts.set(meta, { available, pending, json });
    return json;
  }

  private forgetOldest(): void {
    for (const oldest of this.texts.keys()) {
      this.texts.delete(oldest);
      return;
    }
  }
}

/** A text that was put together of many keeps all of those, and is read through them each time, until it is written anew. */
function inOnePiece(text: string): string {
  return Buffer.from(text).toString();
}
