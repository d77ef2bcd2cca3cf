import {
  type CallerHere,
  Controller,
  declare,
  definePlugin,
  type FastifyRequest,
  Module,
  type ParamsOf,
  PLUGIN_TAG,
  rest,
  Route,
  rpc,
  RpcMethod,
  WorkSpecsService,
} from 'coordinate-daemon/plugin';

const TALLY = declare({
  name: 'tally',
  needs: 'read',
  params: rpc.params({ prefix: rpc.optional(rpc.text, '') }),
});

/** Work units of all work specs together. */
interface Counts {
  readonly specs: number;
  readonly open: number;
  readonly failed: number;
}

const whole = { type: 'integer', minimum: 0, example: 2 } as const;
const COUNTS = new rest.Representation<Counts>(
  'TallyCounts',
  {
    specs: rest.always(whole, 'Work specs whose names begin so.', ({ specs }) => String(specs)),
    open: rest.always(whole, 'Units of them that are still to be done.', ({ open }) => String(open)),
    failed: rest.always(whole, 'Units of them that have failed.', ({ failed }) => String(failed)),
  },
  { description: 'Work units of several work specs together.' },
);

const CHANGE = new rest.ObjectField(
  'TallyPause',
  {
    prefix: rest.required(rest.text('crawl'), 'What the names of the work specs begin with.'),
    paused: rest.required(rest.boolean(true), 'Whether nothing of them is to be handed out.'),
  },
  { description: 'Pauses several work specs at once, or lets them go on.' },
);

/** One method, and two routes, for all work specs whose names begin alike. */
@Controller()
class Tally {
  constructor(private readonly specs: WorkSpecsService) {}

  @RpcMethod(TALLY)
  async tally({ namespace }: CallerHere, { prefix }: ParamsOf<typeof TALLY>): Promise<Record<string, number>> {
    return { ...(await this.count(namespace, prefix)) };
  }

  @Route('GET', 'namespace/:namespace/tally', {
    id: 'getTally',
    summary: 'Count the work units of several work specs',
    needs: 'read',
    tag: PLUGIN_TAG,
    query: [rest.queryParameter('prefix', 'Only work specs whose names begin so.', { type: 'string' })],
    answer: { status: 200, description: 'The counts.', schema: COUNTS.ref, example: { specs: 2, open: 2, failed: 2 } },
  })
  async show({ namespace }: CallerHere, request: FastifyRequest): Promise<rest.JsonAnswer> {
    return COUNTS.answer(await this.count(namespace, rest.readable(rest.queryOf(request).one('prefix') ?? '')));
  }

  @Route('POST', 'namespace/:namespace/tally', {
    id: 'pauseTally',
    summary: 'Pause several work specs',
    needs: 'admin',
    tag: PLUGIN_TAG,
    body: { schema: CHANGE.ref, example: { prefix: 'crawl', paused: true } },
    answer: 204,
  })
  async pause({ namespace }: CallerHere, request: FastifyRequest): Promise<void> {
    const { prefix, paused } = CHANGE.parse(request.body);
    for (const { name } of await this.named(namespace, prefix)) {
      await this.specs.stored.changeMeta(namespace, name, { paused });
    }
  }

  private async named(namespace: string, prefix: string) {
    return (await this.specs.stored.list(namespace)).filter(({ name }) => name.startsWith(prefix));
  }

  private async count(namespace: string, prefix: string): Promise<Counts> {
    const specs = await this.named(namespace, prefix);
    let open = 0;
    let failed = 0;
    for (const { name } of specs) {
      const counts = await this.specs.stored.counts(namespace, name);
      open += counts.available + counts.delayed + counts.pending;
      failed += counts.failed;
    }
    return { specs: specs.length, open, failed };
  }
}

@Module({ controllers: [Tally] })
class TallyModule {}

export default definePlugin({ name: 'tally', madeFor: '1.0', module: TallyModule });
