import type { SpecOverview } from '../../../../domain/overview.js';
import { isSameOverview } from '../../../../domain/overview.js';
import type { WorkSpecMeta } from '../../../../domain/work-spec.js';
import type { WorkUnitCounts } from '../../../../domain/work-unit.js';
import { WORK_SPEC_META } from '../../../../work-specs/rest/dto/work-spec-meta.dto.js';

/** Of so many work specs the texts are remembered, some hundred bytes each. */
const MOST = 10_000;
/** A longer text is not, in chars: one may have a hundred names that take kilobytes each. */
const LONGEST = 4_096;

/** A work spec with its link. */
export interface LinkedOverview {
  readonly url: string;
  readonly spec: SpecOverview;
}

/** What was made of a work spec last. */
interface Texts {
  meta: { readonly available: number; readonly pending: number; readonly json: string } | undefined;
  whole: (LinkedOverview & { readonly json: string }) | undefined;
}

/**
 * The JSON of work specs in an overview, of which most change little from one to the next: it is made once as long as a spec stands as
 * it did, and that of its control values, which is most of it, as long as those and the counts in them are the same.
 */
export class OverviewTexts {
  private readonly texts = new Map<WorkSpecMeta, Texts>();

  /** @param make - makes the JSON of a work spec, without what changes by time alone */
  constructor(private readonly make: (linked: LinkedOverview) => string) {}

  of(linked: LinkedOverview): string {
    const { url, spec } = linked;
    const texts = this.textsOf(spec.meta);
    const { whole } = texts;
    if (whole?.url === url && isSameOverview(whole.spec, spec)) return whole.json;
    const json = kept(this.make(linked));
    texts.whole = json.length > LONGEST ? undefined : { url, spec, json };
    return json;
  }

  ofMeta(meta: WorkSpecMeta, { available, pending }: WorkUnitCounts): string {
    const texts = this.textsOf(meta);
    if (texts.meta?.available === available && texts.meta.pending === pending) return texts.meta.json;
    const json = kept(WORK_SPEC_META.json({ ...meta, availableCount: available, pendingCount: pending }));
    texts.meta = json.length > LONGEST ? undefined : { available, pending, json };
    return json;
  }

  private textsOf(meta: WorkSpecMeta): Texts {
    const known = this.texts.get(meta);
    if (known !== undefined) return known;
    if (this.texts.size >= MOST) this.forgetOldest();
    const texts: Texts = { meta: undefined, whole: undefined };
    this.texts.set(meta, texts);
    return texts;
  }

  private forgetOldest(): void {
    for (const oldest of this.texts.keys()) {
      this.texts.delete(oldest);
      return;
    }
  }
}

/** A text that was put together of many keeps all of those, and is read through them each time, until it is written anew. */
function kept(text: string): string {
  return text.length > LONGEST ? text : Buffer.from(text).toString();
}
