/* What a connection asks and what it makes of the answers: one entry of `modes` for each kind of work. */
#include <stdio.h>

#include "load.h"

HeldSpec held_specs[MAX_SPECS];
int held_spec_count;

/* ---- requests ---- */

static Out params;

static void write_request(Connection *c, Out *out, const char *method) {
  static Out map;
  map.length = 0;
  write_head(&map, MAP, 3);
  write_string(&map, "id");
  write_head(&map, UINT, ++c->id);
  write_string(&map, "method");
  write_string(&map, method);
  write_string(&map, "params");
  write_raw(&map, params.bytes, params.length);
  write_raw(out, "\xd8\x18", 2);
  write_bytes(out, map.bytes, map.length);
  params.length = 0;
}

static void ask_now(Connection *c, Out *out) {
  write_head(&params, ARRAY, 0);
  write_request(c, out, "now");
}

static void ask_about_spec(Connection *c, Out *out, const char *method) {
  write_head(&params, ARRAY, 1);
  write_string(&params, c->group->spec);
  write_request(c, out, method);
}

static void ask_meta(Connection *c, Out *out) { ask_about_spec(c, out, "get_work_spec_meta"); }
static void ask_counts(Connection *c, Out *out) { ask_about_spec(c, out, "count_work_units"); }

/* The first failed units after a name that differs from time to time. */
static void ask_window(Connection *c, Out *out) {
  char start[32];
  uint64_t range = c->group->total ? c->group->total : 1000000;
  snprintf(start, sizeof start, "unit-%09llu", (unsigned long long)(c->id * 7919ull * 7919ull % range));
  write_head(&params, ARRAY, 2);
  write_string(&params, c->group->spec);
  write_head(&params, MAP, 3);
  write_string(&params, "state");
  write_head(&params, UINT, 5);
  write_string(&params, "start");
  write_string(&params, start);
  write_string(&params, "limit");
  write_head(&params, UINT, (uint64_t)c->group->batch);
  write_request(c, out, "get_work_units");
}

static void ask_for_work(Connection *c, Out *out) {
  const Group *g = c->group;
  write_head(&params, ARRAY, 2);
  write_string(&params, c->worker);
  write_head(&params, MAP, g->names ? 4 : 3);
  write_string(&params, "available_gb");
  write_head(&params, UINT, 1);
  write_string(&params, "lease_time");
  if (g->lease == (double)(uint64_t)g->lease) write_head(&params, UINT, (uint64_t)g->lease);
  else write_double(&params, g->lease);
  write_string(&params, "max_jobs");
  write_head(&params, UINT, (uint64_t)g->batch);
  if (g->names) {
    write_string(&params, "work_spec_names");
    write_head(&params, ARRAY, 1);
    write_string(&params, g->names);
  }
  write_request(c, out, "get_work");
}

static void report(Connection *c, Out *out, int status, int with_output) {
  write_head(&params, ARRAY, 3);
  write_string(&params, c->spec);
  write_bytes(&params, c->key, c->key_length);
  write_head(&params, MAP, with_output ? 2 : 1);
  write_string(&params, "status");
  write_head(&params, UINT, (uint64_t)status);
  if (with_output) {
    write_string(&params, "data");
    write_head(&params, MAP, 1);
    write_string(&params, "output");
    write_head(&params, MAP, 1);
    write_bytes(&params, c->key, c->key_length);
    write_head(&params, MAP, 0);
  }
  write_request(c, out, "update_work_unit");
}

enum { AVAILABLE = 1, FINISHED = 4, FAILED = 5 };

static void request_cycle(Connection *c, Out *out) {
  if (c->reporting) report(c, out, FINISHED, 0);
  else ask_for_work(c, out);
}

static void request_recycle(Connection *c, Out *out) {
  if (!c->reporting) return ask_for_work(c, out);
  if (c->held_unit) mark_unit(c->held_unit - 1, 0);
  report(c, out, AVAILABLE, 0);
}

static void request_fail(Connection *c, Out *out) {
  if (c->reporting) report(c, out, FAILED, 0);
  else ask_for_work(c, out);
}

/* Ends units with a traceback that differs each time, by 50 causes. */
static void request_end_why(Connection *c, Out *out, int status) {
  if (!c->reporting) return ask_for_work(c, out);
  char traceback[512];
  snprintf(traceback, sizeof traceback,
           "Traceback (most recent call last):\n  File \"/srv/crawl/worker.py\", line 112, in run\n    fetch(url)\n"
           "  File \"/srv/crawl/fetch.py\", line 31, in fetch\n    raise Cause%c%c(url)\nCause%c%c: no answer from 'host-%u'\n",
           'a' + c->id / 2 % 50 / 10, 'a' + c->id / 2 % 10, 'a' + c->id / 2 % 50 / 10, 'a' + c->id / 2 % 10, (unsigned)c->id);
  write_head(&params, ARRAY, 3);
  write_string(&params, c->spec);
  write_bytes(&params, c->key, c->key_length);
  write_head(&params, MAP, 2);
  write_string(&params, "status");
  write_head(&params, UINT, (uint64_t)status);
  write_string(&params, "data");
  write_head(&params, MAP, 1);
  write_string(&params, "traceback");
  write_string(&params, traceback);
  write_request(c, out, "update_work_unit");
}

static void request_fail_why(Connection *c, Out *out) { request_end_why(c, out, FAILED); }

/* The same data, of units that are finished. */
static void request_finish_why(Connection *c, Out *out) { request_end_why(c, out, FINISHED); }

/* Finishes units of the spec that was filled with an output, which the daemon adds to the next spec. */
static void request_chain(Connection *c, Out *out) {
  if (c->reporting) report(c, out, FINISHED, !strcmp(c->spec, c->group->spec));
  else ask_for_work(c, out);
}

static void request_fill(Connection *c, Out *out) {
  Group *g = c->group;
  static unsigned char *filler;
  if (g->size && !filler) filler = calloc(1, (size_t)g->size);
  uint64_t count = (uint64_t)g->batch;
  if (count > g->total - g->next_unit) count = g->total - g->next_unit;
  write_head(&params, ARRAY, 2);
  write_string(&params, g->spec);
  write_head(&params, ARRAY, count);
  for (uint64_t i = 0; i < count; i++) {
    char name[64];
    uint64_t number = g->first + g->next_unit++;
    int length = snprintf(name, sizeof name, "%s%09llu", g->prefix, (unsigned long long)number);
    write_head(&params, ARRAY, g->priorities ? 3 : 2);
    write_bytes(&params, name, (size_t)length);
    write_head(&params, MAP, 1);
    write_string(&params, "x");
    if (g->size) write_bytes(&params, filler, (size_t)g->size);
    else write_head(&params, UINT, number);
    if (g->priorities) {
      write_head(&params, MAP, 1);
      write_string(&params, "priority");
      write_head(&params, UINT, number * 2654435761u % (uint64_t)g->priorities);
    }
  }
  write_request(c, out, "add_work_units");
}

/* ---- answers ---- */

/* Answers of the kind [value, message]: moves to the value. */
static void enter_pair(In *in) {
  if (take_list(in) != 2) in->failed = 1;
}

static Verdict answer_any(Connection *c, In *in) {
  (void)c;
  skip_item(in);
  return AGAIN;
}

static Verdict answer_window(Connection *c, In *in) {
  enter_pair(in);
  uint64_t units = take_list(in);
  if (!in->failed && units != (uint64_t)c->group->batch) c->group->empty++;
  for (uint64_t i = 0; i < units; i++) skip_item(in);
  skip_item(in);
  return AGAIN;
}

static int spec_index(const char *name) {
  for (int i = 0; i < held_spec_count; i++)
    if (!strcmp(held_specs[i].name, name)) return i;
  if (held_spec_count == MAX_SPECS) return -1;
  snprintf(held_specs[held_spec_count].name, sizeof held_specs[0].name, "%s", name);
  return held_spec_count++;
}

static void change_held(int spec, int by) {
  if (spec < 0) return;
  HeldSpec *s = &held_specs[spec];
  uint64_t now = now_ns();
  s->unit_seconds += s->held * (double)(now - s->since) / 1e9;
  s->since = now;
  s->held += by;
}

static uint64_t unit_number(Slice key) {
  if (key.length != 14 || memcmp(key.bytes, "unit-", 5)) return 0;
  uint64_t number = 0;
  for (int i = 5; i < 14; i++) number = number * 10 + (uint64_t)(key.bytes[i] - '0');
  return number + 1;
}

/* tuple(spec, key, data). Keeps what the report needs. */
static int take_unit(Connection *c, In *in) {
  if (take_list(in) != 3) in->failed = 1;
  if (take_null(in)) {
    skip_item(in);
    skip_item(in);
    return 0;
  }
  Slice spec = take_string(in), key = take_string(in);
  skip_item(in);
  if (in->failed || spec.length >= sizeof c->spec || key.length > sizeof c->key) return in->failed = 1, 0;
  memcpy(c->spec, spec.bytes, spec.length);
  c->spec[spec.length] = 0;
  memcpy(c->key, key.bytes, key.length);
  c->key_length = key.length;
  c->held_unit = c->group->fixed_reply ? 0 : unit_number(key);
  return 1;
}

static Verdict take_report_answer(Connection *c, In *in) {
  enter_pair(in);
  if (c->group->fixed_reply) skip_item(in);
  else if (!take_true(in)) fail("the report on %s/%.*s was not accepted", c->spec, (int)c->key_length, c->key);
  skip_item(in);
  c->reporting = 0;
  c->group->cycles++;
  return AGAIN;
}

static Verdict answer_cycle(Connection *c, In *in) {
  if (c->reporting) return take_report_answer(c, in);
  enter_pair(in);
  int some = take_unit(c, in);
  skip_item(in);
  if (in->failed) return AGAIN;
  if (!some) return RETRY;
  c->reporting = 1;
  if (c->held_unit && mark_unit(c->held_unit - 1, 1)) c->group->duplicates++;
  return AGAIN;
}

/* Keeps each unit for a while, as a worker that does something does, and counts who holds how much of which spec. */
static Verdict answer_hold(Connection *c, In *in) {
  if (c->reporting) {
    change_held(c->held_spec, -1);
    return take_report_answer(c, in);
  }
  Verdict verdict = answer_cycle(c, in);
  if (!c->reporting || in->failed) return verdict;
  c->held_spec = spec_index(c->spec);
  if (c->held_spec >= 0) held_specs[c->held_spec].claimed++;
  change_held(c->held_spec, 1);
  const Group *g = c->group;
  double ms = g->hold_min_ms + (g->hold_max_ms - g->hold_min_ms) * (double)rand() / RAND_MAX;
  c->due = now_ns() + (uint64_t)(ms * 1e6);
  return LATER;
}

static Verdict answer_poll(Connection *c, In *in) {
  enter_pair(in);
  int some = take_unit(c, in);
  skip_item(in);
  if (!some) c->group->empty++;
  return AGAIN;
}

/* Takes many units at a time and never reports on them, so that their leases run out. */
static Verdict answer_claim(Connection *c, In *in) {
  Group *g = c->group;
  enter_pair(in);
  uint64_t units = g->batch > 1 ? take_list(in) : 1;
  for (uint64_t i = 0; i < units && !in->failed; i++) {
    if (!take_unit(c, in)) units = 0;
  }
  skip_item(in);
  g->done_units += units;
  return units == 0 ? RETRY : AGAIN;
}

static Verdict answer_fill(Connection *c, In *in) {
  enter_pair(in);
  if (!take_true(in)) fail("units of %s were not added", c->group->spec);
  skip_item(in);
  return AGAIN;
}

static const Mode modes[] = {
    {"now", ask_now, answer_any, PLAIN},
    {"meta", ask_meta, answer_any, PLAIN},
    {"counts", ask_counts, answer_any, PLAIN},
    {"window", ask_window, answer_window, PLAIN},
    {"poll", ask_for_work, answer_poll, PLAIN},
    {"reconnect", ask_for_work, answer_poll, RECONNECTS},
    {"claim", ask_for_work, answer_claim, CLAIMS},
    {"cycle", request_cycle, answer_cycle, PLAIN},
    {"recycle", request_recycle, answer_cycle, PLAIN},
    {"fail", request_fail, answer_cycle, PLAIN},
    {"fail-why", request_fail_why, answer_cycle, PLAIN},
    {"finish-why", request_finish_why, answer_cycle, PLAIN},
    {"chain", request_chain, answer_cycle, PLAIN},
    {"hold", request_cycle, answer_hold, PLAIN},
    {"fill", request_fill, answer_fill, FILLS},
};

const Mode *find_mode(const char *name) {
  for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
    if (!strcmp(modes[i].name, name)) return &modes[i];
  for (const Mode *mode = http_modes; mode->name; mode++)
    if (!strcmp(mode->name, name)) return mode;
  return 0;
}
