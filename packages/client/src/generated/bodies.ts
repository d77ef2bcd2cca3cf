// Written by npm run client-sources from the OpenAPI document of the daemon: change that.
export interface components {
  schemas: {
    /** @description The unit that was added. */
    AddedWorkUnit: {
      /**
       * @description Link of the work unit.
       * @example /namespace/default/work_spec/crawl/work_unit/u1
       */
      url: string;
      /**
       * @description Its name; bytes that are not UTF-8 show as U+FFFD, the link has them.
       * @example u1
       */
      name: string;
      /** @description What was taken, but probably not as it was meant; absent when there is nothing of that kind. */
      warnings?: components['schemas']['Warning'][];
    };
    /** @description The units that were added. */
    AddedWorkUnits: {
      /** @description The units, in the order given. */
      work_units: components['schemas']['WorkUnitShort'][];
      /** @description What was taken, but probably not as it was meant; absent when there is nothing of that kind. */
      warnings?: components['schemas']['Warning'][];
    };
    /** @description One worker's try at one work unit. */
    Attempt: {
      /**
       * @description Link of the attempt.
       * @example /namespace/default/work_spec/crawl/work_unit/u1/attempt/worker-1/h3k8xkcao0.1
       */
      url: string;
      /**
       * @description Its work unit.
       * @example /namespace/default/work_spec/crawl/work_unit/u1
       */
      work_unit_url: string;
      /**
       * @description Its worker.
       * @example /namespace/default/worker/worker-1
       */
      worker_url: string;
      /**
       * Format: date-time
       * @description When it began.
       * @example 2026-01-02T03:04:05.678901Z
       */
      start_time: string;
      /**
       * @description Name of the namespace.
       * @example default
       */
      namespace: string;
      /**
       * @description Name of the work spec.
       * @example crawl
       */
      work_spec: string;
      /**
       * @description Name of the work unit; bytes that are not UTF-8 show as U+FFFD, the links have them.
       * @example u1
       */
      work_unit: string;
      /**
       * @description Name of the worker.
       * @example worker-1
       */
      worker: string;
      /**
       * @description The opaque last part of its address.
       * @example h3k8xkcao0.1
       */
      start: string;
      /**
       * @description Its status now.
       * @example pending
       * @enum {string}
       */
      status: 'pending' | 'expired' | 'finished' | 'failed' | 'retryable';
      /**
       * @description true of one that was stopped by somebody else than its worker; absent of any other.
       * @example true
       */
      cancelled?: boolean;
      /** @description Its own data where set, else its unit's as they were when it began. */
      data: components['schemas']['DataObject'] | components['schemas']['DataCbor'];
      /**
       * Format: date-time
       * @description When it ended; the zero time before.
       * @example 0001-01-01T00:00:00Z
       */
      end_time: string;
      /**
       * Format: date-time
       * @description When its lease ends.
       * @example 2026-01-02T03:19:05.678901Z
       */
      expiration_time: string;
      /**
       * @description POST here to go on.
       * @example /namespace/default/work_spec/crawl/work_unit/u1/attempt/worker-1/h3k8xkcao0.1/renew
       */
      renew_url: string;
      /**
       * @description POST here to give the unit back.
       * @example /namespace/default/work_spec/crawl/work_unit/u1/attempt/worker-1/h3k8xkcao0.1/expire
       */
      expire_url: string;
      /**
       * @description POST here when it is done.
       * @example /namespace/default/work_spec/crawl/work_unit/u1/attempt/worker-1/h3k8xkcao0.1/finish
       */
      finish_url: string;
      /**
       * @description POST here when it cannot be done.
       * @example /namespace/default/work_spec/crawl/work_unit/u1/attempt/worker-1/h3k8xkcao0.1/fail
       */
      fail_url: string;
      /**
       * @description POST here when it should be done again later.
       * @example /namespace/default/work_spec/crawl/work_unit/u1/attempt/worker-1/h3k8xkcao0.1/retry
       */
      retry_url: string;
    };
    /** @description What a worker has to say about an attempt. */
    AttemptCompletion: {
      /** @description Becomes the attempt's own data; absent: they stay as they are. */
      data?: components['schemas']['DataObject'] | components['schemas']['DataCbor'];
      /**
       * Format: int64
       * @description For renew: the new lease from now on, in nanoseconds; absent: 15 minutes; 0 or less expires at once.
       * @example 900000000000
       */
      extend_duration?: number;
      /**
       * Format: int64
       * @description For retry. How long the unit waits before it may run again, in nanoseconds.
       * @example 60000000000
       */
      delay?: number;
      /**
       * @description For fail: what the worker calls the cause, at most 300 bytes of it; absent: what the data say.
       * @example no such page
       */
      cause?: string;
      /**
       * @description For fail: whether it is for good, whatever the work spec's policy of retrying says; absent: no.
       * @example false
       */
      final?: boolean;
    };
    /** @description Some attempts. */
    AttemptList: {
      /** @description The attempts, oldest first. */
      attempts: components['schemas']['AttemptShort'][];
      /**
       * @description The rest, if there is more.
       * @example /namespace/default/worker/worker-1/all_attempts?next=1&limit=1
       */
      next_url?: string;
    };
    /** @description How one attempt went. */
    AttemptOutcome: {
      /**
       * @description Link of the attempt.
       * @example /namespace/default/work_spec/crawl/work_unit/u1/attempt/worker-1/h3k8xkcao0.1
       */
      url: string;
      /**
       * @description How it went.
       * @example finished
       * @enum {string}
       */
      outcome: 'finished' | 'failed' | 'retryable' | 'expired';
      /** @description Becomes the attempt's own data; absent: they stay as they are. */
      data?: components['schemas']['DataObject'] | components['schemas']['DataCbor'];
      /**
       * Format: int64
       * @description For retryable. How long the unit waits before it may run again, in nanoseconds.
       * @example 60000000000
       */
      delay?: number;
      /**
       * @description For failed: what the worker calls the cause, at most 300 bytes of it; absent: what the data say.
       * @example no such page
       */
      cause?: string;
      /**
       * @description For failed: whether it is for good, whatever the work spec's policy of retrying says; absent: no.
       * @example false
       */
      final?: boolean;
    };
    /** @description What became of one attempt: its status, or an error and a message. */
    AttemptOutcomeResult: {
      /**
       * @description The link that was sent.
       * @example /namespace/default/work_spec/crawl/work_unit/u1/attempt/worker-1/h3k8xkcao0.1
       */
      url: string;
      /**
       * @description The status of the attempt afterwards, if it went well.
       * @example finished
       * @enum {string}
       */
      status?: 'pending' | 'expired' | 'finished' | 'failed' | 'retryable';
      /**
       * @description Why it did not.
       * @example ErrNotPending
       */
      error?: string;
      /**
       * @description The same for people.
       * @example Attempt is not pending
       */
      message?: string;
    };
    /** @description What became of some attempts. */
    AttemptOutcomeResults: {
      /** @description The results, in the order of the request; with `brief` only of those that were refused. */
      results: components['schemas']['AttemptOutcomeResult'][];
    };
    /** @description How some attempts went. */
    AttemptOutcomes: {
      /** @description The attempts, brought home one by one in this order. */
      attempts: components['schemas']['AttemptOutcome'][];
      /**
       * @description true: the answer has only the results of those that were refused; absent: no.
       * @example true
       */
      brief?: boolean;
    };
    /** @description An attempt to go on with. */
    AttemptRenewal: {
      /**
       * @description Link of the attempt.
       * @example /namespace/default/work_spec/crawl/work_unit/u1/attempt/worker-1/h3k8xkcao0.1
       */
      url: string;
      /**
       * Format: int64
       * @description How long it goes on: the new lease from now on, in nanoseconds; absent: 15 minutes; 0 or less expires at once.
       * @example 900000000000
       */
      extend_duration?: number;
      /** @description Becomes the attempt's own data; absent: they stay as they are. */
      data?: components['schemas']['DataObject'] | components['schemas']['DataCbor'];
    };
    /** @description Attempts to go on with. */
    AttemptRenewals: {
      /** @description The attempts, renewed one by one in this order. */
      attempts: components['schemas']['AttemptRenewal'][];
      /**
       * @description true: the answer has only the results of those that were refused; absent: no.
       * @example true
       */
      brief?: boolean;
    };
    /** @description What work a worker asks for. */
    AttemptRequest: {
      /**
       * Format: double
       * @description Memory that the worker has, in GB; 0 or less for no limit.
       * @example 4
       */
      available_gb?: number;
      /**
       * Format: int64
       * @description Length of the lease in nanoseconds; 0 or absent: 15 minutes.
       * @example 900000000000
       */
      lifetime?: number;
      /**
       * Format: int64
       * @description At most so many units; below 1 counts as 1.
       * @example 10
       */
      number_of_work_units?: number;
      /**
       * @description Only these work specs; none or absent: any.
       * @example [
       *       "crawl"
       *     ]
       */
      work_specs?: string[];
      /**
       * @description Only work specs of these runtimes; none or absent: any.
       * @example [
       *       "python_3"
       *     ]
       */
      runtimes?: string[];
      /**
       * Format: int64
       * @description How long to wait for work where there is none, in nanoseconds, a minute at most; 0 or absent: not at all.
       * @example 1000000000
       */
      wait?: number;
      /**
       * @description true: the answer has brief_attempts in place of attempts, for who does many units; absent: no.
       * @example true
       */
      brief?: boolean;
    };
    /** @description Work that was handed out. */
    AttemptResponse: {
      /**
       * @description The work spec that all attempts are of.
       * @example /namespace/default/work_spec/crawl
       */
      work_spec_url?: string;
      /** @description The attempts; none when there is no work, or with `brief`. */
      attempts: components['schemas']['Attempt'][];
      /** @description The attempts, where the request says `brief`. */
      brief_attempts?: components['schemas']['BriefAttempt'][];
      /** @description What was taken, but probably not as it was meant; absent when there is nothing of that kind. */
      warnings?: components['schemas']['Warning'][];
    };
    /** @description An attempt in a list. */
    AttemptShort: {
      /**
       * @description Link of the attempt.
       * @example /namespace/default/work_spec/crawl/work_unit/u1/attempt/worker-1/h3k8xkcao0.1
       */
      url: string;
      /**
       * @description Its work unit.
       * @example /namespace/default/work_spec/crawl/work_unit/u1
       */
      work_unit_url: string;
      /**
       * @description Its worker.
       * @example /namespace/default/worker/worker-1
       */
      worker_url: string;
      /**
       * Format: date-time
       * @description When it began.
       * @example 2026-01-02T03:04:05.678901Z
       */
      start_time: string;
      /**
       * @description Name of the namespace.
       * @example default
       */
      namespace: string;
      /**
       * @description Name of the work spec.
       * @example crawl
       */
      work_spec: string;
      /**
       * @description Name of the work unit; bytes that are not UTF-8 show as U+FFFD, the links have them.
       * @example u1
       */
      work_unit: string;
      /**
       * @description Name of the worker.
       * @example worker-1
       */
      worker: string;
      /**
       * @description The opaque last part of its address.
       * @example h3k8xkcao0.1
       */
      start: string;
      /**
       * @description Its status now.
       * @example pending
       * @enum {string}
       */
      status: 'pending' | 'expired' | 'finished' | 'failed' | 'retryable';
      /**
       * @description true of one that was stopped by somebody else than its worker; absent of any other.
       * @example true
       */
      cancelled?: boolean;
      /**
       * Format: date-time
       * @description When it ended; the zero time before.
       * @example 0001-01-01T00:00:00Z
       */
      end_time: string;
    };
    /** @description The unit that an attempt is to be made at, whatever its state. */
    AttemptSpecific: {
      /**
       * @description Name of the work spec.
       * @example crawl
       */
      work_spec: string;
      /**
       * @description Name of the work unit.
       * @example u1
       */
      work_unit: string;
      /**
       * @description Counts in place of work_unit: its name in the encoding of paths, for any bytes.
       * @example u1
       */
      work_unit_encoded?: string;
      /**
       * Format: int64
       * @description Length of the lease in nanoseconds; 0 or absent: 15 minutes.
       * @example 900000000000
       */
      lifetime?: number;
    };
    /** @description An attempt in as few words as it can be worked on by. */
    BriefAttempt: {
      /**
       * @description Link of the attempt.
       * @example /namespace/default/work_spec/crawl/work_unit/u1/attempt/worker-1/h3k8xkcao0.1
       */
      url: string;
      /**
       * @description Name of the work unit; bytes that are not UTF-8 show as U+FFFD, the links have them.
       * @example u1
       */
      work_unit: string;
      /** @description Its own data where set, else its unit's as they were when it began. */
      data: components['schemas']['DataObject'] | components['schemas']['DataCbor'];
    };
    /** @description Why attempts are stopped, and what becomes of their units. */
    Cancellation: {
      /**
       * @description Why, for people: its units fail with the cause `cancelled: REASON`, of at most 300 bytes.
       * @example the input was wrong
       */
      reason?: string;
      /**
       * @description true: the units are given back, and the attempts read retryable; absent or false: the units fail.
       * @example true
       */
      release?: boolean;
    };
    /** @description A daemon that has the storage open. */
    Daemon: {
      /**
       * @description Made up when its process began.
       * @example 5d0cf2a81b3e
       */
      id: string;
      /**
       * @description Its version.
       * @example 0.1.0
       */
      version: string;
      /**
       * @description The newest change of the tables that it knows; absent where there are none, or from a version that does not say so.
       * @example DaemonSigns1790000000014
       */
      migration?: string;
      /**
       * @description The name of its machine, from versions that say so.
       * @example queue-1
       */
      host?: string;
      /**
       * Format: int64
       * @description Its process there, from versions that say so.
       * @example 4711
       */
      pid?: number;
      /**
       * Format: date-time
       * @description When it opened the storage.
       * @example 2026-01-02T03:04:05.678901Z
       */
      opened_at: string;
      /**
       * Format: date-time
       * @description Its last sign of life, by the storage's clock; absent from a version that gives none.
       * @example 2026-01-02T03:04:05.678901Z
       */
      last_sign_at?: string;
    };
    /** @description The daemons on one storage. */
    DaemonList: {
      /** @description The daemons, by their last signs of life. */
      daemons: components['schemas']['Daemon'][];
    };
    /**
     * Format: byte
     * @description A data dictionary as base64 of its CBOR. The server answers so whenever an object would lose something: tuples, UUIDs, bytes that are not UTF-8, NaN, infinities, negative zero, integers past 2^53, keys that are not strings, tags. It accepts either form.
     * @example oWFhAQ==
     */
    DataCbor: string;
    /**
     * @description A data dictionary. Integers are exact; a number written with a fraction or an exponent is a float and stays one. What JSON cannot say is spelt out by an object of one key: {"$bytes": base64}, {"$utf8": text} for bytes that are text, {"$tuple": [...]}, {"$uuid": text}, {"$int": digits}, {"$float": "NaN"}, {"$float32": 1.5}, {"$float16": 1.5}, {"$tag": [number, value]}, {"$undefined": true}, {"$simple": code}, {"$map": [[key, value], ...]}, {"$cbor": base64}. With ?data=json answers have these in place of base64; an object that really has such a key alone is a $map.
     * @example {
     *       "url": "http://www.example.org/",
     *       "pages": 3
     *     }
     */
    DataObject: {
      [key: string]: unknown;
    };
    /**
     * @description Why a request was refused. Nothing has changed then.
     * @example {
     *       "error": "ErrNoSuchWorkUnit",
     *       "message": "No such work unit \"u1\"",
     *       "value": "u1"
     *     }
     */
    Error: {
      /**
       * @description A stable name, such as ErrNoSuchWorkSpec, or "error".
       * @example ErrNoSuchWorkUnit
       */
      error: string;
      /**
       * @description For people.
       * @example No such work unit "u1"
       */
      message: string;
      /**
       * @description The name that was looked for.
       * @example u1
       */
      value?: string;
      /** @description What is wrong, field by field. */
      details?: components['schemas']['ErrorDetail'][];
    };
    /** @description One thing that is wrong with the request. */
    ErrorDetail: {
      /**
       * @description A field of the body, a parameter of the path or query, or a header.
       * @example attempts[2].delay
       */
      field: string;
      /**
       * @description What was sent there, shortened.
       * @example -1
       */
      value: string;
      /**
       * @description What is wrong with it.
       * @example must be at least 0
       */
      reason: string;
    };
    /** @description What units of a work spec are failed by. */
    Failure: {
      /**
       * @description What a query has as failure.
       * @example 5d41402abc4b
       */
      id: string;
      /**
       * @description Why they failed: as their worker calls it, or the telling line of what it said, with placeholders for what differs.
       * @example ConnectionError: no answer from <text> in <number> s
       */
      cause: string;
      /**
       * Format: int64
       * @description How many units are failed by it now.
       * @example 3
       */
      count: number;
      /**
       * Format: date-time
       * @description When the first of them failed.
       * @example 2026-01-02T03:04:05.678901Z
       */
      first: string;
      /**
       * Format: date-time
       * @description When the last of them did.
       * @example 2026-01-02T03:09:05.678901Z
       */
      last: string;
      /** @description Links of some of them. */
      example: string[];
      /**
       * @description All of them.
       * @example /namespace/default/work_spec/crawl/work_unit?failure=5d41402abc4b
       */
      work_units_url: string;
      /**
       * @description POST here to have all of them tried again.
       * @example /namespace/default/work_spec/crawl/retry?failure=5d41402abc4b
       */
      retry_url: string;
    };
    /** @description Why the units of a work spec failed that are failed now. */
    FailureList: {
      /** @description The causes, those of most units first. */
      failures: components['schemas']['Failure'][];
    };
    /** @description What happened to work, span by span. */
    History: {
      /**
       * @description Link of the history.
       * @example /namespace/default/work_spec/crawl/history
       */
      url: string;
      /**
       * Format: date-time
       * @description Where it begins.
       * @example 2026-01-02T03:04:00Z
       */
      from: string;
      /**
       * Format: date-time
       * @description Where it ends.
       * @example 2026-01-02T04:04:00Z
       */
      to: string;
      /**
       * Format: int64
       * @description Length of a span, in nanoseconds.
       * @example 60000000000
       */
      step: number;
      /**
       * @description Upper bounds of the buckets of all times, in seconds.
       * @example [
       *       0.001,
       *       0.01,
       *       0.1,
       *       0.5,
       *       1,
       *       5,
       *       10,
       *       30,
       *       60,
       *       300,
       *       900,
       *       3600,
       *       14400,
       *       86400
       *     ]
       */
      bounds: number[];
      /** @description The spans in which something happened, oldest first. */
      spans: components['schemas']['HistorySpan'][];
    };
    /** @description What happened in a span of time. Counts of zero are left out. */
    HistorySpan: {
      /**
       * Format: date-time
       * @description When it begins.
       * @example 2026-01-02T03:04:05.678901Z
       */
      start: string;
      /**
       * Format: date-time
       * @description When it is over: a step later, or an hour where that is longer and it is not known any finer.
       * @example 2026-01-02T03:05:00Z
       */
      end: string;
      /**
       * Format: int64
       * @description Work units that were added, or added again.
       * @example 3
       */
      added?: number;
      /**
       * Format: int64
       * @description Work units that claims gave out.
       * @example 3
       */
      claimed?: number;
      /**
       * Format: int64
       * @description Attempts that finished.
       * @example 3
       */
      finished?: number;
      /**
       * Format: int64
       * @description Attempts that failed.
       * @example 3
       */
      failed?: number;
      /**
       * Format: int64
       * @description Attempts that were ended by `retry`.
       * @example 3
       */
      retried?: number;
      /**
       * Format: int64
       * @description Attempts whose lease ran out.
       * @example 3
       */
      expired?: number;
      /**
       * Format: int64
       * @description Attempts that ended without a result before their lease did.
       * @example 3
       */
      released?: number;
      /** @description How long the units that were claimed had been available. */
      waited?: components['schemas']['HistoryTimes'];
      /** @description How long the attempts took that finished, failed or were retried. */
      worked?: components['schemas']['HistoryTimes'];
    };
    /** @description Times, counted by size. */
    HistoryTimes: {
      /**
       * Format: double
       * @description All of them together, in seconds.
       * @example 1.5
       */
      seconds: number;
      /**
       * @description How many were no longer than each of `bounds` and longer than the one before it; the last: longer than all.
       * @example [
       *       0,
       *       0,
       *       0,
       *       1,
       *       0,
       *       0,
       *       0,
       *       0,
       *       0,
       *       0,
       *       0,
       *       0,
       *       0,
       *       0,
       *       0
       *     ]
       */
      buckets: number[];
    };
    /** @description A namespace: the links of what it holds. */
    Namespace: {
      /**
       * @description Link of the namespace.
       * @example /namespace/default
       */
      url: string;
      /**
       * @description Its name.
       * @example default
       */
      name: string;
      /**
       * @description Counts of its work units.
       * @example /namespace/default/summary
       */
      summary_url: string;
      /**
       * @description Its work specs.
       * @example /namespace/default/work_spec
       */
      work_specs_url: string;
      /**
       * @description Template of a work spec.
       * @example /namespace/default/work_spec/{spec}
       */
      work_spec_url: string;
      /**
       * @description Its workers.
       * @example /namespace/default/worker
       */
      workers_url: string;
      /**
       * @description Template of a worker.
       * @example /namespace/default/worker/{worker}
       */
      worker_url: string;
    };
    /** @description Some namespaces. */
    NamespaceList: {
      /** @description The namespaces, by name. */
      namespaces: components['schemas']['NamespaceShort'][];
      /**
       * @description The rest, if there is more.
       * @example /namespace?previous=default&limit=1
       */
      next_url?: string;
    };
    /** @description How the work of a namespace stands. */
    NamespaceOverview: {
      /**
       * @description Link of the overview.
       * @example /namespace/default/overview
       */
      url: string;
      /**
       * Format: date-time
       * @description The moment that it is of.
       * @example 2026-01-02T03:04:05.678901Z
       */
      time: string;
      /** @description The work specs, by name. */
      work_specs: components['schemas']['WorkSpecOverview'][];
    };
    /** @description A namespace in a list. */
    NamespaceShort: {
      /**
       * @description Link of the namespace.
       * @example /namespace/default
       */
      url: string;
      /**
       * @description Its name.
       * @example default
       */
      name: string;
    };
    /** @description A namespace to make. One of the two names is needed; the empty name is a name. */
    NewNamespace: {
      /**
       * @description Its name.
       * @example default
       */
      name?: string;
      /**
       * @description In place of name: the name in the encoding of paths, for any bytes.
       * @example default
       */
      name_encoded?: string;
    };
    /** @description What to begin a session by. */
    NewSession: {
      /**
       * @description A token of coordinated token, or one that the issuer has signed.
       * @example coord_…
       */
      token: string;
    };
    /** @description All control values that can be set; what is absent becomes 0, false, the zero time, or weight 20. */
    NewWorkSpecMeta: {
      /**
       * Format: int64
       * @description Work of a higher priority always runs first.
       * @example 0
       */
      priority?: number;
      /**
       * Format: int64
       * @description Share of the pending work among work specs of one priority; 0 or less is never handed out. Absent: 20.
       * @example 20
       */
      weight?: number;
      /**
       * @description Whether no work is handed out.
       * @example false
       */
      paused?: boolean;
      /**
       * @description Whether units are made when there are none. Only on a work spec that can be continuous.
       * @example false
       */
      continuous?: boolean;
      /**
       * Format: double
       * @description Memory that a worker needs, in GB; 0 for any.
       * @example 0
       */
      min_memory_gb?: number;
      /**
       * Format: int64
       * @description Least time between two units that are made, in nanoseconds.
       * @example 0
       */
      interval?: number;
      /**
       * Format: date-time
       * @description When the next unit may be made.
       * @example 0001-01-01T00:00:00Z
       */
      next_continuous?: string;
      /**
       * Format: int64
       * @description Most units pending at once; 0 for no limit.
       * @example 0
       */
      max_running?: number;
      /**
       * Format: int64
       * @description Most units handed out in one call; 0 for no limit.
       * @example 0
       */
      max_attempts_returned?: number;
      /**
       * Format: int64
       * @description Most attempts at a unit; 0 for no limit.
       * @example 0
       */
      max_retries?: number;
    };
    /** @description A work unit to add, or to replace. One of the two names is needed. */
    NewWorkUnit: {
      /**
       * @description Its name.
       * @example u1
       */
      name?: string;
      /**
       * @description In place of name: the name in the encoding of paths, for any bytes.
       * @example u1
       */
      name_encoded?: string;
      /** @description Its data; absent: empty. */
      data?: components['schemas']['DataObject'] | components['schemas']['DataCbor'];
      /** @description When it runs. */
      meta?: components['schemas']['WorkUnitMetaChange'];
    };
    /** @description Work units to add, all or none. */
    NewWorkUnits: {
      /** @description The units; of those with the same name the last counts. */
      work_units: components['schemas']['NewWorkUnit'][];
    };
    /** @description How many there were per second; those of zero are left out. */
    Rates: {
      /**
       * Format: double
       * @description Work units added.
       * @example 2.5
       */
      added?: number;
      /**
       * Format: double
       * @description Work units given out by claims.
       * @example 2.5
       */
      claimed?: number;
      /**
       * Format: double
       * @description Attempts finished.
       * @example 2.5
       */
      finished?: number;
      /**
       * Format: double
       * @description Attempts failed.
       * @example 2.5
       */
      failed?: number;
      /**
       * Format: double
       * @description Attempts ended by `retry`.
       * @example 2.5
       */
      retried?: number;
      /**
       * Format: double
       * @description Attempts whose lease ran out.
       * @example 2.5
       */
      expired?: number;
      /**
       * Format: double
       * @description Attempts given back.
       * @example 2.5
       */
      released?: number;
    };
    /** @description How fast it has been going lately. */
    RecentRates: {
      /** @description In the last minute. */
      last_minute: components['schemas']['Rates'];
      /** @description In the last five. */
      last_5_minutes: components['schemas']['Rates'];
      /** @description In the last sixty. */
      last_hour: components['schemas']['Rates'];
    };
    /** @description Where everything else is found. */
    Root: {
      /**
       * @description This document.
       * @example /
       */
      url: string;
      /**
       * @description Counts of all work units.
       * @example /summary
       */
      summary_url: string;
      /**
       * @description All namespaces.
       * @example /namespace
       */
      namespaces_url: string;
      /**
       * @description Template of a namespace.
       * @example /namespace/{namespace}
       */
      namespace_url: string;
      /**
       * @description A page to read about all this and try it.
       * @example /docs
       */
      docs_url: string;
      /**
       * @description The document that clients are generated from.
       * @example /openapi.json
       */
      openapi_url: string;
    };
    /** @description How many work units a query selects, or the first of them. */
    SelectedWorkUnitCounts: {
      /** @description How many of those that were looked at it selects. */
      counts: components['schemas']['WorkUnitCounts'];
      /**
       * Format: int64
       * @description How many units were looked at; absent: none had to be.
       * @example 50000
       */
      looked_at?: number;
      /**
       * @description The rest, if there is more.
       * @example /namespace/default/work_spec/crawl/work_unit_counts?prefix=u&previous=u50000
       */
      next_url?: string;
    };
    /** @description Who makes the request, what they may do, and how people sign in. */
    Session: {
      /**
       * @description This document.
       * @example /session
       */
      url: string;
      /**
       * @description Whether it is asked who makes a request. Where it is not, everybody may do everything, and nobody signs in.
       * @example true
       */
      asks: boolean;
      /**
       * @description Whether it is known who makes this one.
       * @example true
       */
      known: boolean;
      /**
       * @description Who that is, as the log has it.
       * @example ann
       */
      caller?: string;
      /**
       * @description What people call them.
       * @example Ann Example
       */
      shown_as?: string;
      /**
       * @description Why it is not known.
       * @example sign in first
       */
      reason?: string;
      /**
       * @description What they may do, by names of namespaces: with `*` at the end for all that begin so; what fits adds up.
       * @example {
       *       "demo": [
       *         "read",
       *         "submit"
       *       ],
       *       "team-*": [
       *         "read"
       *       ]
       *     }
       */
      rights: {
        [key: string]: ('read' | 'submit' | 'work' | 'define' | 'admin' | 'operate')[];
      };
      /**
       * Format: date-time
       * @description When their session ends, if they have one.
       * @example 2026-01-02T03:04:05.678901Z
       */
      ends_at?: string;
      /**
       * @description Whether a token begins a session.
       * @example true
       */
      takes_tokens: boolean;
      /**
       * @description Where a browser is led to sign in at the issuer, if people do.
       * @example /session/sign-in
       */
      sign_in_url?: string;
    };
    /** @description One thing that is asked of the storage. */
    StorageCall: {
      /**
       * @description One of namespaces.list, namespaces.ensure, namespaces.exists, namespaces.destroy, namespaces.summarize, namespaces.conditions, specs.set, specs.redefine, specs.find, specs.missing, specs.list, specs.measure, specs.delete, specs.clear, specs.meta, specs.changeMeta, specs.counts, units.add, units.get, units.getMany, units.list, units.listNames, units.search, units.count, units.failures, units.measure, units.change, units.prioritize, units.clear, units.cancel, units.delete, units.attempts, units.history, units.numAttempts, attempts.claim, attempts.undoClaim, attempts.make, attempts.get, attempts.change, attempts.changeMany, attempts.report, attempts.listOf, workers.find, workers.ensure, workers.change, workers.deactivate, workers.list, workers.stats, workers.claimedByChildren, locks.lock, locks.lockSome, locks.renew, locks.read, locks.unlock, locks.drop, maintenance.retain, schedules.startDue, schedules.runNow, sessions.add, sessions.find, sessions.end, daemons.list, history.ofSpec, history.ofNamespace, overview.read, overview.failures, clock.now.
       * @example units.get
       */
      call: string;
      /**
       * @description Its parameters by name. Names of units and workers have a character from U+0000 to U+00FF for each byte, moments and spans are whole microseconds, data are `{"$cbor": "…"}` in base64, integers of any size `{"$integer": "…"}`, numbers that JSON does not have `{"$number": "Infinity"}`.
       * @example {
       *       "namespace": "",
       *       "workSpec": "crawl",
       *       "name": "u1"
       *     }
       */
      with: {
        [key: string]: unknown;
      };
    };
    /** @description What a daemon asks of the one that keeps its state. */
    StorageCalls: {
      /** @description They are begun in this order, and none waits for another. */
      calls: components['schemas']['StorageCall'][];
    };
    /** @description Daemons, each of which keeps its state in the next. */
    StorageChain: {
      /**
       * @description The daemon that was asked, the one that keeps its state, and so on. A circle ends with the one that it comes back to.
       * @example [
       *       "5a0b1f4e-7c0f-4e35-9a55-0c5d3a1b2c3d"
       *     ]
       */
      ids: string[];
    };
    /** @description What came of a call. */
    StorageResult: {
      /**
       * @description What came of it, spelt as parameters are; null: nothing.
       * @example 2
       */
      value?: unknown;
      /**
       * @description In place of a value: the name of an error, or invalid, held, denied, unavailable, unknown (whether it took place is not known) or failed.
       * @example ErrNoSuchWorkUnit
       */
      error?: string;
      /**
       * @description Beside an error, for people.
       * @example No such work unit "u1"
       */
      message?: string;
      /**
       * @description The name that was looked for; of held, the worker that holds the unit; of invalid, what was sent.
       * @example u1
       */
      subject?: string;
      /**
       * @description Of invalid: the parameter.
       * @example query.limit
       */
      field?: string;
    };
    /** @description What came of some calls. */
    StorageResults: {
      /** @description One for each call, in the order of the calls. */
      results: components['schemas']['StorageResult'][];
    };
    /** @description How many units of a work spec are in a status. */
    SummaryRecord: {
      /**
       * @description Namespace.
       * @example default
       */
      Namespace: string;
      /**
       * @description Work spec.
       * @example crawl
       */
      WorkSpec: string;
      /**
       * @description Status.
       * @example available
       * @enum {string}
       */
      Status: 'available' | 'delayed' | 'pending' | 'finished' | 'failed';
      /**
       * Format: int64
       * @description Number of units; never 0.
       * @example 3
       */
      Count: number;
    };
    /** @description Something that was taken, but probably not as it was meant. */
    Warning: {
      /**
       * @description The key or field that it is about.
       * @example max_runing
       */
      key: string;
      /**
       * @description What about it is probably not as it was meant.
       * @example is no control value and is kept for the workers only, did you mean max_running?
       */
      reason: string;
    };
    /** @description A work spec. */
    WorkSpec: {
      /**
       * @description Link of the work spec.
       * @example /namespace/default/work_spec/crawl
       */
      url: string;
      /**
       * @description Its name.
       * @example crawl
       */
      name: string;
      /** @description The definition as its user gave it. */
      data: components['schemas']['DataObject'] | components['schemas']['DataCbor'];
      /**
       * @description Counts of its work units.
       * @example /namespace/default/work_spec/crawl/summary
       */
      summary_url: string;
      /**
       * @description Its work units.
       * @example /namespace/default/work_spec/crawl/work_unit
       */
      work_units_url: string;
      /**
       * @description Template of some of its work units.
       * @example /namespace/default/work_spec/crawl/work_unit{?name*,status*,previous,limit}
       */
      work_unit_query_url: string;
      /**
       * @description Template of a work unit.
       * @example /namespace/default/work_spec/crawl/work_unit/{unit}
       */
      work_unit_url: string;
      /**
       * @description Number of work units per status.
       * @example /namespace/default/work_spec/crawl/counts
       */
      work_unit_counts_url: string;
      /**
       * @description Template: set the priority of units.
       * @example /namespace/default/work_spec/crawl/change{?name*,status*,previous,limit}
       */
      work_unit_change_url: string;
      /**
       * @description Template: add to the priority of units.
       * @example /namespace/default/work_spec/crawl/adjust{?name*,status*,previous,limit}
       */
      work_unit_adjust_url: string;
      /**
       * @description Template of the control values.
       * @example /namespace/default/work_spec/crawl/meta{?counts}
       */
      meta: string;
    };
    /** @description What a work spec is to be. */
    WorkSpecDefinition: {
      /** @description The definition. Its key `name` names the work spec. */
      data?: components['schemas']['DataObject'] | components['schemas']['DataCbor'];
    };
    /** @description Some work specs of a namespace. */
    WorkSpecList: {
      /** @description The work specs, by name. */
      work_specs: components['schemas']['WorkSpecShort'][];
      /**
       * @description The rest, if there is more.
       * @example /namespace/default/work_spec?previous=crawl&limit=1
       */
      next_url?: string;
    };
    /** @description The control values of a work spec. */
    WorkSpecMeta: {
      /**
       * Format: int64
       * @description Work of a higher priority always runs first.
       * @example 0
       */
      priority: number;
      /**
       * Format: int64
       * @description Share of the pending work among work specs of one priority; 0 or less is never handed out.
       * @example 20
       */
      weight: number;
      /**
       * @description Whether no work is handed out.
       * @example false
       */
      paused: boolean;
      /**
       * @description Whether units are made when there are none. Only on a work spec that can be continuous.
       * @example false
       */
      continuous: boolean;
      /**
       * @description Whether its definition says continuous.
       * @example false
       */
      can_be_continuous: boolean;
      /**
       * Format: double
       * @description Memory that a worker needs, in GB; 0 for any.
       * @example 0
       */
      min_memory_gb: number;
      /**
       * Format: int64
       * @description Least time between two units that are made, in nanoseconds.
       * @example 0
       */
      interval: number;
      /**
       * Format: date-time
       * @description When the next unit may be made.
       * @example 0001-01-01T00:00:00Z
       */
      next_continuous: string;
      /**
       * Format: int64
       * @description Most units pending at once; 0 for no limit.
       * @example 0
       */
      max_running: number;
      /**
       * Format: int64
       * @description Most units handed out in one call; 0 for no limit.
       * @example 0
       */
      max_attempts_returned: number;
      /**
       * Format: int64
       * @description Most attempts at a unit; 0 for no limit.
       * @example 0
       */
      max_retries: number;
      /**
       * @description Where the output of its units goes.
       * @example extract
       */
      next_work_spec_name: string;
      /**
       * Format: int64
       * @description Units available, when asked for.
       * @example 0
       */
      available_count: number;
      /**
       * Format: int64
       * @description Units pending, when asked for.
       * @example 0
       */
      pending_count: number;
      /**
       * @description What its units run in.
       * @example python_3
       */
      runtime: string;
      /**
       * @description How its units flow, with all that its definition leaves unsaid; absent where it says nothing.
       * @example {
       *       "retry": {
       *         "attempts": 5,
       *         "backoff": "exponential",
       *         "delay": 10
       *       }
       *     }
       */
      flow?: {
        [key: string]: unknown;
      };
      /**
       * Format: date-time
       * @description When its schedule makes the next unit; absent where it has none, or no slot comes any more.
       * @example 2026-11-27T02:00:00Z
       */
      next_slot?: string;
      /**
       * Format: date-time
       * @description The last slot of its schedule that a unit was made of; absent where there was none.
       * @example 2026-11-27T02:00:00Z
       */
      last_slot?: string;
      /**
       * Format: date-time
       * @description The slot whose unit is made when no unit is available, delayed or pending any more; absent where none waits.
       * @example 2026-11-27T02:00:00Z
       */
      buffered_slot?: string;
      /**
       * Format: int64
       * @description How many slots have gone by without a unit since its schedule was set; absent where it has none.
       * @example 0
       */
      missed_slots?: number;
    };
    /** @description How a work spec stands and how it is getting on. */
    WorkSpecOverview: {
      /**
       * @description Link of the work spec.
       * @example /namespace/default/work_spec/crawl
       */
      url: string;
      /**
       * @description Its name.
       * @example crawl
       */
      name: string;
      /**
       * @description Whether it gives out nothing.
       * @example false
       */
      paused: boolean;
      /** @description Units per status. */
      counts: components['schemas']['WorkUnitCounts'];
      /**
       * Format: int64
       * @description Workers that have a pending attempt at a unit of it.
       * @example 2
       */
      workers: number;
      /**
       * Format: date-time
       * @description Since when the unit has been available that has been so longest; absent: none is.
       * @example 2026-01-02T03:04:05.678901Z
       */
      oldest_available?: string;
      /**
       * Format: date-time
       * @description Until when nothing of it is handed out, by its rate limit; absent: something may be.
       * @example 2026-01-02T03:04:05.678901Z
       */
      limited_until?: string;
      /**
       * @description The work specs that it comes after which still have something to be done: nothing of it is handed out before. Absent: none.
       * @example [
       *       "fetch"
       *     ]
       */
      waiting_for?: string[];
      /**
       * Format: date-time
       * @description When a claim last gave out a unit.
       * @example 2026-01-02T03:04:05.678901Z
       */
      last_claim?: string;
      /** @description How fast it has been going lately. */
      rates: components['schemas']['RecentRates'];
      /** @description Its control values. */
      meta: components['schemas']['WorkSpecMeta'];
      /**
       * Format: date-time
       * @description When all that is left will be done if it goes on as in the last five minutes; absent where nothing is left or was done.
       * @example 2026-01-02T03:04:05.678901Z
       */
      drained_at?: string;
    };
    /** @description A work spec that was made or given a new definition. */
    WorkSpecSet: {
      /**
       * @description Link of the work spec.
       * @example /namespace/default/work_spec/crawl
       */
      url: string;
      /**
       * @description Its name.
       * @example crawl
       */
      name: string;
      /** @description What was taken, but probably not as it was meant; absent when there is nothing of that kind. */
      warnings?: components['schemas']['Warning'][];
    };
    /** @description A work spec in a list. */
    WorkSpecShort: {
      /**
       * @description Link of the work spec.
       * @example /namespace/default/work_spec/crawl
       */
      url: string;
      /**
       * @description Its name.
       * @example crawl
       */
      name: string;
    };
    /** @description A work unit. */
    WorkUnit: {
      /**
       * @description Link of the work unit.
       * @example /namespace/default/work_spec/crawl/work_unit/u1
       */
      url: string;
      /**
       * @description Its name; bytes that are not UTF-8 show as U+FFFD, the link has them.
       * @example u1
       */
      name: string;
      /** @description Its active attempt's data where that has some, else its own. */
      data: components['schemas']['DataObject'] | components['schemas']['DataCbor'];
      /** @description When it runs. */
      meta: components['schemas']['WorkUnitMeta'];
      /**
       * @description Its status now.
       * @example pending
       * @enum {string}
       */
      status: 'available' | 'delayed' | 'pending' | 'finished' | 'failed';
      /**
       * @description Its work spec.
       * @example /namespace/default/work_spec/crawl
       */
      work_spec_url: string;
      /**
       * @description The attempt that its status is read from.
       * @example /namespace/default/work_spec/crawl/work_unit/u1/attempt/worker-1/h3k8xkcao0.1
       */
      active_attempt_url?: string;
      /**
       * @description All its attempts.
       * @example /namespace/default/work_spec/crawl/work_unit/u1/attempts
       */
      attempts_url: string;
      /**
       * @description Of one that failed: the id of the cause, as listFailures has it.
       * @example 5d41402abc4b
       */
      failure?: string;
    };
    /** @description The attempt that the status of a work unit is read from. */
    WorkUnitAttempt: {
      /**
       * @description Link of the attempt.
       * @example /namespace/default/work_spec/crawl/work_unit/u1/attempt/worker-1/h3k8xkcao0.1
       */
      url: string;
      /**
       * @description Name of the worker.
       * @example worker-1
       */
      worker: string;
      /**
       * @description Link of the worker.
       * @example /namespace/default/worker/worker-1
       */
      worker_url: string;
      /**
       * Format: date-time
       * @description When it began.
       * @example 2026-01-02T03:04:05.678901Z
       */
      start_time: string;
      /**
       * Format: date-time
       * @description When it ended; the zero time before.
       * @example 0001-01-01T00:00:00Z
       */
      end_time: string;
      /**
       * Format: date-time
       * @description When its lease ends.
       * @example 2026-01-02T03:19:05.678901Z
       */
      expiration_time: string;
      /**
       * @description Why it failed, where it did and says so.
       * @example no such page
       */
      traceback?: string;
    };
    /** @description What to change of a work unit; what is absent stays. */
    WorkUnitChange: {
      /** @description What its own data become: it reads so from then on, and its next attempt gets them. */
      data?: components['schemas']['DataObject'] | components['schemas']['DataCbor'];
      /** @description When it runs. */
      meta?: components['schemas']['WorkUnitMetaChange'];
      /**
       * @description "-" takes the active attempt away; anything else changes nothing.
       * @example -
       */
      active_attempt_url?: string;
    };
    /** @description Number of work units per status; zeroes are left out. */
    WorkUnitCounts: {
      /**
       * Format: int64
       * @description Units that are available.
       * @example 3
       */
      available?: number;
      /**
       * Format: int64
       * @description Units that are delayed.
       * @example 3
       */
      delayed?: number;
      /**
       * Format: int64
       * @description Units that are pending.
       * @example 3
       */
      pending?: number;
      /**
       * Format: int64
       * @description Units that are finished.
       * @example 3
       */
      finished?: number;
      /**
       * Format: int64
       * @description Units that are failed.
       * @example 3
       */
      failed?: number;
    };
    /** @description Some work units of a work spec. */
    WorkUnitList: {
      /** @description The units, bytewise by name. */
      work_units: components['schemas']['WorkUnitListed'][];
      /**
       * @description The rest, if there is more.
       * @example /namespace/default/work_spec/crawl/work_unit?previous=u1&limit=1
       */
      next_url?: string;
      /**
       * Format: int64
       * @description With contains: how many names were looked at.
       * @example 50000
       */
      looked_at?: number;
      /**
       * @description With contains: the last of them, if there are more; in the encoding of paths.
       * @example u50000
       */
      looked_to?: string;
    };
    /** @description A work unit in a list. */
    WorkUnitListed: {
      /**
       * @description Link of the work unit.
       * @example /namespace/default/work_spec/crawl/work_unit/u1
       */
      url: string;
      /**
       * @description Its name; bytes that are not UTF-8 show as U+FFFD, the link has them.
       * @example u1
       */
      name: string;
      /**
       * @description Its status, with include=attempt.
       * @example pending
       * @enum {string}
       */
      status?: 'available' | 'delayed' | 'pending' | 'finished' | 'failed';
      /** @description With include=attempt, of a unit that is pending, finished or failed: who does it or did it. */
      attempt?: components['schemas']['WorkUnitAttempt'];
      /**
       * @description With include=attempt, of a unit that failed: the id of the cause.
       * @example 5d41402abc4b
       */
      failure?: string;
      /** @description When it runs, with include=meta. */
      meta?: components['schemas']['WorkUnitMeta'];
      /** @description Its data, with include=data. */
      data?: components['schemas']['DataObject'] | components['schemas']['DataCbor'];
    };
    /** @description When a work unit runs. */
    WorkUnitMeta: {
      /**
       * Format: double
       * @description Higher runs first.
       * @example 0
       */
      priority: number;
      /**
       * Format: date-time
       * @description Not handed out before.
       * @example 0001-01-01T00:00:00Z
       */
      not_before: string;
    };
    /** @description When a work unit runs; an absent field is as it would be without meta. */
    WorkUnitMetaChange: {
      /**
       * Format: double
       * @description Higher runs first.
       * @example 0
       */
      priority?: number;
      /**
       * Format: date-time
       * @description Not handed out before.
       * @example 0001-01-01T00:00:00Z
       */
      not_before?: string;
    };
    /** @description A priority to set or to add; without one nothing changes. */
    WorkUnitPriorityChange: {
      /** @description When it runs. */
      meta?: components['schemas']['WorkUnitMetaChange'];
    };
    /** @description A work unit in a list. */
    WorkUnitShort: {
      /**
       * @description Link of the work unit.
       * @example /namespace/default/work_spec/crawl/work_unit/u1
       */
      url: string;
      /**
       * @description Its name; bytes that are not UTF-8 show as U+FFFD, the link has them.
       * @example u1
       */
      name: string;
    };
    /** @description How many attempts were stopped. */
    WorkUnitsCancelled: {
      /**
       * Format: int64
       * @description Number of units whose attempts were stopped.
       * @example 3
       */
      Cancelled: number;
    };
    /** @description How many units were deleted. */
    WorkUnitsDeleted: {
      /**
       * Format: int64
       * @description Number of units deleted.
       * @example 3
       */
      Deleted: number;
    };
    /** @description How many units were cleared. */
    WorkUnitsRetried: {
      /**
       * Format: int64
       * @description Number of units that get another try.
       * @example 3
       */
      Retried: number;
    };
    /** @description A worker. */
    Worker: {
      /**
       * @description Link of the worker.
       * @example /namespace/default/worker/worker-1
       */
      url: string;
      /**
       * @description Its name; bytes that are not UTF-8 show as U+FFFD, the link has them.
       * @example worker-1
       */
      name: string;
      /**
       * @description Name of its parent, if it has one.
       * @example parent-1
       */
      parent?: string;
      /**
       * @description Link of its parent.
       * @example /namespace/default/worker/parent-1
       */
      parent_url?: string;
      /** @description Links of its children, if it has any. */
      child_urls?: string[];
      /**
       * @description Not deactivated and not past its expiration.
       * @example true
       */
      active: boolean;
      /**
       * @description What mode it last said it is in.
       * @example run
       */
      mode: string;
      /** @description What it last said of itself. */
      data: components['schemas']['DataObject'] | components['schemas']['DataCbor'];
      /**
       * @description On what host it says it is: `hostname`, `host`, `fqdn` or `node` of its data, where those are no more than 16 KiB.
       * @example node-7
       */
      host?: string;
      /**
       * Format: int64
       * @description How much memory it says it uses: `memory` or `rss` of its data, a number or what psutil says.
       * @example 73400320
       */
      memory_bytes?: number;
      /**
       * Format: date-time
       * @description When it counts as gone.
       * @example 2026-01-02T03:19:05.678901Z
       */
      expiration: string;
      /**
       * Format: date-time
       * @description When it last gave a sign of life.
       * @example 2026-01-02T03:04:05.678901Z
       */
      last_update: string;
      /**
       * @description POST here to ask for work.
       * @example /namespace/default/worker/worker-1/request_attempts
       */
      request_attempts_url: string;
      /**
       * @description POST here to begin an attempt at a certain unit.
       * @example /namespace/default/worker/worker-1/make_attempt
       */
      make_attempt_url: string;
      /**
       * @description Its pending attempts.
       * @example /namespace/default/worker/worker-1/active_attempts
       */
      active_attempts_url: string;
      /**
       * @description All its attempts.
       * @example /namespace/default/worker/worker-1/all_attempts
       */
      all_attempts_url: string;
      /**
       * @description Its children's pending attempts.
       * @example /namespace/default/worker/worker-1/child_attempts
       */
      child_attempts_url: string;
    };
    /** @description Some workers of a namespace. */
    WorkerList: {
      /** @description The workers, bytewise by name or as sort says. */
      workers: components['schemas']['WorkerShort'][];
      /**
       * @description The rest, if there is more.
       * @example /namespace/default/worker?previous=worker-1&limit=1
       */
      next_url?: string;
    };
    /** @description A worker in a list. */
    WorkerShort: {
      /**
       * @description Link of the worker.
       * @example /namespace/default/worker/worker-1
       */
      url: string;
      /**
       * @description Its name; bytes that are not UTF-8 show as U+FFFD, the link has them.
       * @example worker-1
       */
      name: string;
      /**
       * @description Not deactivated and not past its expiration.
       * @example true
       */
      active: boolean;
      /**
       * @description Name of its parent, if it has one.
       * @example parent-1
       */
      parent?: string;
      /**
       * @description Link of its parent.
       * @example /namespace/default/worker/parent-1
       */
      parent_url?: string;
      /**
       * @description What mode it last said it is in; absent: none.
       * @example run
       */
      mode?: string;
      /**
       * @description On what host it says it is: `hostname`, `host`, `fqdn` or `node` of its data, where those are no more than 16 KiB.
       * @example node-7
       */
      host?: string;
      /**
       * Format: int64
       * @description How much memory it says it uses: `memory` or `rss` of its data, a number or what psutil says.
       * @example 73400320
       */
      memory_bytes?: number;
      /**
       * Format: date-time
       * @description When it last gave a sign of life.
       * @example 2026-01-02T03:04:05.678901Z
       */
      last_update: string;
      /**
       * Format: int64
       * @description How many units it has finished in the last hour, counted by spans of five minutes.
       * @example 120
       */
      finished_last_hour?: number;
      /**
       * Format: int64
       * @description How many units it holds.
       * @example 3
       */
      work_units?: number;
      /**
       * Format: date-time
       * @description When it was last given work; absent: not as long as it has been known.
       * @example 2026-01-02T03:04:05.678901Z
       */
      last_claim?: string;
    };
    /** @description What to change of a worker; what is absent stays. */
    WorkerUpdate: {
      /**
       * @description Name of the parent, made if it is not there; "" for none; absent: it stays.
       * @example parent-1
       */
      parent?: string;
      /**
       * @description In place of parent: the name in the encoding of paths, for any bytes.
       * @example parent-1
       */
      parent_encoded?: string;
      /**
       * @description true: a sign of life, the fields below count. false: it deactivates, unless there is a parent. Absent: neither.
       * @example true
       */
      active?: boolean;
      /**
       * @description What mode it is in.
       * @example run
       */
      mode?: string;
      /** @description What it says of itself; null empties it. */
      data?: components['schemas']['DataObject'] | components['schemas']['DataCbor'];
      /**
       * Format: date-time
       * @description When it gave this sign of life.
       * @example 2026-01-02T03:04:05.678901Z
       */
      last_update?: string;
      /**
       * Format: date-time
       * @description When it counts as gone.
       * @example 2026-01-02T03:19:05.678901Z
       */
      expiration?: string;
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
