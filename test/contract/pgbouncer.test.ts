import { HAS_PGBOUNCER, PgBouncer } from '../support/pgbouncer.js';
import { createDatabase } from '../support/postgres.js';
import { describeContractIf } from './contract.js';
import { openOn, POOLED_LACKS, postgresHarness } from './postgres-harness.js';

/** Asked for by its stage of .ci/run, so that `npm test` takes as long on a machine that has the pooler as on one that has not. */
const IS_ASKED_FOR = process.env.PGBOUNCER_CONTRACT === '1';

// Two daemons of seven connections each share the five that the pooler has.
describeContractIf(IS_ASKED_FOR && HAS_PGBOUNCER, {
  ...postgresHarness('18', 'pgbouncer=true'),
  name: 'PostgreSQL 18 behind PgBouncer',
  lacks: { ...POOLED_LACKS, outages: 'a pooler lets clients wait for a database that is away' },
  open: async () => {
    const database = await createDatabase();
    const bouncer = await PgBouncer.start(Number(new URL(database.url).port));
    const url = new URL(database.url);
    url.port = String(bouncer.port);
    url.search = 'pgbouncer=true';
    return openOn({
      ...database,
      url: url.href,
      drop: async () => {
        await bouncer.stop();
        await database.drop();
      },
    });
  },
});
