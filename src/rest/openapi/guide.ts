/** The guide at the top of the document, which Swagger UI opens on; Markdown. */
export const GUIDE = `A job queue: work specs, their work units, and workers that claim units under a lease and report how it went.

## The life of a work unit, in five steps

Each step is an operation below: open it, press **Try it out**, change the example, press **Execute**.

1. **Say what is to be done**: \`setWorkSpec\`, POST \`/namespace/default/work_spec\` with \`{"data": {"name": "crawl"}}\`. It makes
   the namespace \`default\` as well. \`warnings\` in the answer tells of keys that look mistyped.
2. **Add units of it**: \`addWorkUnits\`, POST \`/namespace/default/work_spec/crawl/add\` with
   \`{"work_units": [{"name": "u1", "data": {"page": 1}}]}\`. Some thousand in one call are fine. A name that is there already
   is replaced.
3. **Ask for work**, as a worker of any name: \`requestAttempts\`, POST \`/namespace/default/worker/worker-1/request_attempts\` with
   \`{"number_of_work_units": 10, "lifetime": 60000000000}\`. Each attempt in the answer is a unit that is yours for those 60
   seconds; nobody else gets it. An empty list is the answer when there is nothing to do: ask again a second later.
4. **Do it**, and where it takes longer than half of the lease, renew: \`renewAttempts\`, POST
   \`/namespace/default/worker/worker-1/renew_attempts\` with the \`url\` of each attempt. Whoever does not come back in time loses the unit to
   the next who asks.
5. **Bring it home**: \`finishAttempts\`, POST \`/namespace/default/worker/worker-1/finish_attempts\` with
   \`{"attempts": [{"url": "…", "outcome": "finished", "data": {"pages": 3}}]}\`. Other outcomes are \`failed\` (it stays failed until
   somebody calls \`retryWorkUnits\`) and \`retryable\` (it comes back by itself, after \`delay\`).

How it goes in between: \`countWorkUnits\` counts units by status; \`listWorkUnits\` with \`status=pending&include=attempt\` shows who
does what, with \`status=failed&include=attempt\` what failed and why.

## What to know

- Durations are whole numbers of **nanoseconds** (a second is 1000000000), times RFC 3339 in UTC.
- A name in a path is percent-encoded like any other, or in the encoding that the links use: see a path parameter. Links in
  answers are ready to be used.
- Errors have a stable name in \`error\`, such as \`ErrNoSuchWorkUnit\`, and \`details\` that name the field. 503 and 429 mean: the
  same again, in as many seconds as Retry-After says.
- A list of many ends with a \`next_url\`: GET it for the next part.

Client programs in Python, TypeScript and Go can be generated from this document; the page docs/rest-clients.md of the daemon has
workers in all three.`;
