import type { Coordinate } from 'coordinate-client';
import type { Page } from '../playwright.js';

export type Needed = 'submit' | 'define' | 'admin';

/** Something that people do on a page, at a work spec of its own. */
export interface Act {
  readonly what: string;
  readonly needs: Needed;
  /** What the work spec is, where it is not one of the calendar. */
  readonly definition?: object;
  /** What is done with it beforehand. */
  readonly before?: (coordinate: Coordinate, spec: string) => Promise<unknown>;
  /** Where it is offered, below the page of the namespace. */
  readonly at: (spec: string) => string;
  /** What offers it: absent from the page of whoever may not do it. */
  readonly offer: (spec: string) => string;
  /** What is done once that is clicked. */
  readonly then?: (page: Page) => Promise<void>;
  /** What has come of it. @returns something to be compared with `gives` */
  readonly outcome: (coordinate: Coordinate, spec: string) => Promise<unknown>;
  readonly gives: unknown;
}

/** The units that each work spec has: one of each status but finished. */
export const UNITS = ['bad', 'free', 'held', 'later'] as const;

const runNow = (spec: string): string => `.table-row:has(bdi:text-is("${spec}")) button:text-is("Run now")`;
/** A button of the page, by what it says. */
export const button = (text: string): string => `main button:text-is("${text}")`;
const specPage = (spec: string): string => `spec/${spec}`;
const failedUnits = (spec: string): string => `units/${spec}?status=failed`;
const unitPage =
  (unit: (typeof UNITS)[number]) =>
  (spec: string): string =>
    `units/${spec}/${unit}`;

/** Answers the question that is asked. */
const sure = (page: Page): Promise<void> => page.click('dialog .dialog-foot button:last-child');
/** Selects the first unit, and does something to it. */
const toFirst =
  (text: string, then: (page: Page) => Promise<void> = sure) =>
  async (page: Page): Promise<void> => {
    await page.click(`.selection ${button(text).slice('main '.length)}`);
    await then(page);
  };
const fillAndSend =
  (selector: string, text: string) =>
  async (page: Page): Promise<void> => {
    await page.fill(selector, text);
    await sure(page);
  };

const statusOf =
  (unit: string) =>
  async (coordinate: Coordinate, spec: string): Promise<string | undefined> => {
    for await (const { name, status } of coordinate.spec(spec).units({ include: 'attempt' }))
      if (name === unit) return status;
    return 'gone';
  };
const metaOf =
  (key: 'paused' | 'weight') =>
  async (coordinate: Coordinate, spec: string): Promise<unknown> =>
    (await coordinate.spec(spec).meta())[key];
const priorityOf =
  (unit: string) =>
  async (coordinate: Coordinate, spec: string): Promise<number> =>
    (await coordinate.spec(spec).unit(unit).get()).priority;
const countOf = async (coordinate: Coordinate, spec: string): Promise<number> =>
  Object.values(await coordinate.spec(spec).counts()).reduce((sum, count) => sum + count, 0);

const CHECKBOX = '.table-row input[type=checkbox]';

/** Each act that the pages offer. */
export const ACTS: readonly Act[] = [
  {
    what: 'retry all that failed',
    needs: 'submit',
    at: specPage,
    offer: () => button('Retry all'),
    then: sure,
    outcome: statusOf('bad'),
    gives: 'available',
  },
  {
    what: 'retry a cause',
    needs: 'submit',
    at: specPage,
    offer: () => '.cause-acts button:text-is("Retry")',
    then: sure,
    outcome: statusOf('bad'),
    gives: 'available',
  },
  {
    what: 'delete a cause',
    needs: 'submit',
    at: specPage,
    offer: () => 'button[aria-label="Delete all of these"]',
    then: sure,
    outcome: statusOf('bad'),
    gives: 'gone',
  },
  {
    what: 'pause',
    needs: 'admin',
    at: specPage,
    offer: () => button('Pause'),
    outcome: metaOf('paused'),
    gives: true,
  },
  {
    what: 'change a limit',
    needs: 'admin',
    at: specPage,
    offer: () => '.limits label:has-text("Weight") input',
    then: async (page) => {
      await page.fill('.limits label:has-text("Weight") input', '7');
      await page.click('.limits button:text-is("Save")');
    },
    outcome: metaOf('weight'),
    gives: 7,
  },
  {
    what: 'edit the definition',
    needs: 'define',
    at: specPage,
    offer: () => button('Edit'),
    then: async (page) => {
      const editor = page.locator('textarea.editor');
      await editor.fill(`${await editor.inputValue()}\nmin_gb: 3\n`);
      await sure(page);
      await page.locator('dialog .dialog-foot button:text-is("Save")').click();
    },
    outcome: async (coordinate, spec) => (await coordinate.spec(spec).get()).min_gb,
    gives: 3,
  },
  {
    what: 'delete the work spec',
    needs: 'admin',
    at: specPage,
    offer: () => 'button[aria-label="Delete the work spec"]',
    then: sure,
    outcome: async (coordinate, spec) => {
      for await (const name of coordinate.specs()) if (name === spec) return 'there';
      return 'gone';
    },
    gives: 'gone',
  },
  {
    what: 'add units',
    needs: 'submit',
    at: (spec) => `units/${spec}`,
    offer: () => button('Add units'),
    then: fillAndSend('dialog textarea', 'one\ntwo'),
    outcome: countOf,
    gives: UNITS.length + 2,
  },
  {
    what: 'retry what is selected',
    needs: 'submit',
    at: failedUnits,
    offer: () => CHECKBOX,
    then: toFirst('Retry'),
    outcome: statusOf('bad'),
    gives: 'available',
  },
  {
    what: 'stop what is selected',
    needs: 'submit',
    at: (spec) => `units/${spec}?status=pending`,
    offer: () => CHECKBOX,
    then: toFirst('Stop'),
    outcome: statusOf('held'),
    gives: 'failed',
  },
  {
    what: 'give what is selected a priority',
    needs: 'submit',
    at: failedUnits,
    offer: () => CHECKBOX,
    then: toFirst('Priority'),
    outcome: priorityOf('bad'),
    gives: 10,
  },
  {
    what: 'delete what is selected',
    needs: 'submit',
    at: failedUnits,
    offer: () => CHECKBOX,
    then: toFirst('Delete'),
    outcome: statusOf('bad'),
    gives: 'gone',
  },
  {
    what: 'retry a unit',
    needs: 'submit',
    at: unitPage('bad'),
    offer: () => button('Retry'),
    outcome: statusOf('bad'),
    gives: 'available',
  },
  {
    what: 'stop a unit',
    needs: 'submit',
    at: unitPage('held'),
    offer: () => button('Stop'),
    then: sure,
    outcome: statusOf('held'),
    gives: 'failed',
  },
  {
    what: 'take a unit away from its worker',
    needs: 'submit',
    at: unitPage('held'),
    offer: () => button('Take it away'),
    then: sure,
    outcome: statusOf('held'),
    gives: 'available',
  },
  {
    what: 'make a unit available now',
    needs: 'submit',
    at: unitPage('later'),
    offer: () => button('Make available now'),
    outcome: statusOf('later'),
    gives: 'available',
  },
  {
    what: 'edit the data of a unit',
    needs: 'submit',
    at: unitPage('free'),
    offer: () => button('Edit'),
    then: fillAndSend('dialog textarea', '{"width": 640}'),
    outcome: async (coordinate, spec) => (await coordinate.spec(spec).unit('free').get()).data,
    gives: { width: 640 },
  },
  {
    what: 'delete a unit',
    needs: 'submit',
    at: unitPage('free'),
    offer: () => button('Delete'),
    then: sure,
    outcome: statusOf('free'),
    gives: 'gone',
  },
  {
    what: 'run what is scheduled',
    needs: 'submit',
    at: () => 'schedule',
    offer: runNow,
    outcome: countOf,
    gives: UNITS.length + 1,
  },
  {
    what: 'run what is continuous',
    needs: 'admin',
    definition: { continuous: true, interval: 3_600 },
    before: (coordinate, spec) =>
      coordinate.spec(spec).changeMeta({ nextContinuous: new Date(Date.now() + 3_600_000) }),
    at: () => 'schedule',
    offer: runNow,
    outcome: async (coordinate, spec) => (await coordinate.spec(spec).meta()).nextContinuous ?? 'at once',
    gives: 'at once',
  },
];
