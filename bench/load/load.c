/*
 * Closed-loop load on a Coordinate daemon: one request in flight per connection, from one thread that waits on epoll.
 *
 *   load [seconds=S] [warmup=S] [until=done] GROUP...
 *   GROUP: mode=MODE [port=N] [connections=N] [spec=NAME] [names=NAME] [batch=N] [lease=S] [every=MS] [hold=MIN:MAX]
 *          [total=N] [first=N] [prefix=TEXT] [worker=TEXT] [size=BYTES] [priorities=N] [reconnect=REQUESTS] [fixed-reply]
 *
 * A group is all that follows a mode= up to the next. Writes a line {"event":"begin"} when the window of measurement
 * begins, {"event":"end"} when it is over, and then {"event":"result",...}. Ends with status 1 and a message when an answer
 * is an error, or not what it should be.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "load.h"

#define MAX_GROUPS 16
#define EVENTS 512
#define WAIT_MS 50 /* so that the end is noticed when no answers come */

static Group groups[MAX_GROUPS];
static int group_count, total_connections, poller, timer;
static Connection *connections;
static double seconds = 3, warmup = 0;
static int until_done;
static uint64_t window_start;
static int measuring;
static uint64_t longest_stall;

#define WATCHED_UNITS (64u << 20)

int mark_unit(uint64_t number, int held) {
  static unsigned char *marks;
  if (!marks) marks = allocate(WATCHED_UNITS / 8, 1);
  if (number >= WATCHED_UNITS) return 0;
  unsigned char bit = (unsigned char)(1 << (number & 7)), *mark = &marks[number >> 3];
  int was = (*mark & bit) != 0;
  *mark = held ? *mark | bit : *mark & (unsigned char)~bit;
  return was;
}

/* ---- options ---- */

static void set_option(Group *g, const char *name, const char *value) {
  if (!strcmp(name, "port")) g->port = atoi(value);
  else if (!strcmp(name, "connections")) g->connections = atoi(value);
  else if (!strcmp(name, "spec")) g->spec = value;
  else if (!strcmp(name, "names")) g->names = value;
  else if (!strcmp(name, "prefix")) g->prefix = value;
  else if (!strcmp(name, "worker")) g->worker = value;
  else if (!strcmp(name, "batch")) g->batch = atoi(value);
  else if (!strcmp(name, "lease")) g->lease = atof(value);
  else if (!strcmp(name, "every")) g->every_ms = atof(value);
  else if (!strcmp(name, "total")) g->total = strtoull(value, 0, 10);
  else if (!strcmp(name, "first")) g->first = strtoull(value, 0, 10);
  else if (!strcmp(name, "size")) g->size = atoi(value);
  else if (!strcmp(name, "priorities")) g->priorities = atoi(value);
  else if (!strcmp(name, "reconnect")) g->reconnect = atoi(value);
  else if (!strcmp(name, "fixed-reply")) g->fixed_reply = 1;
  else if (!strcmp(name, "hold")) {
    if (sscanf(value, "%lf:%lf", &g->hold_min_ms, &g->hold_max_ms) != 2) fail("hold=MIN:MAX, not %s", value);
  } else fail("no option is called %s", name);
}

static void read_arguments(int argc, char **argv) {
  Group defaults = {.spec = "load", .prefix = "unit-", .connections = 1, .batch = 1, .lease = 300};
  for (int i = 1; i < argc; i++) {
    char *name = argv[i], *value = strchr(name, '=');
    if (value) *value++ = 0;
    else value = "";
    if (!strcmp(name, "seconds")) seconds = atof(value);
    else if (!strcmp(name, "warmup")) warmup = atof(value);
    else if (!strcmp(name, "until")) until_done = !strcmp(value, "done");
    else if (!strcmp(name, "mode")) {
      if (group_count == MAX_GROUPS) fail("too many groups");
      Group *g = &groups[group_count++];
      *g = defaults;
      g->mode_name = value;
      g->mode = find_mode(value);
      if (!g->mode) fail("no mode is called %s", value);
    } else set_option(group_count ? &groups[group_count - 1] : &defaults, name, value);
  }
  if (!group_count) fail("usage: load [seconds=S] [warmup=S] [until=done] mode=MODE [port=N] [connections=N] ...");
}

/* ---- connections ---- */

static void watch(Connection *c, int operation) {
  struct epoll_event event = {.events = EPOLLIN | (c->writable_wait ? EPOLLOUT : 0), .data.ptr = c};
  if (epoll_ctl(poller, operation, c->fd, &event)) fail("epoll_ctl: %s", strerror(errno));
}

static void open_connection(Connection *c) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)c->group->port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int yes = 1;
  c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&address, sizeof address)) fail("connect: %s", strerror(errno));
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  fcntl(c->fd, F_SETFL, O_NONBLOCK);
  watch(c, EPOLL_CTL_ADD);
}

static void open_all(void) {
  struct rlimit files;
  for (int i = 0; i < group_count; i++) total_connections += groups[i].connections;
  getrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_cur < (rlim_t)total_connections + 64) {
    files.rlim_cur = (rlim_t)total_connections + 64;
    if (files.rlim_max < files.rlim_cur) files.rlim_max = files.rlim_cur;
    if (setrlimit(RLIMIT_NOFILE, &files)) fail("%d open files are not allowed", total_connections);
  }
  connections = allocate((size_t)total_connections, sizeof *connections);
  for (int i = 0, n = 0; i < group_count; i++) {
    for (int k = 0; k < groups[i].connections; k++, n++) {
      Connection *c = &connections[n];
      c->group = &groups[i];
      c->number = k;
      c->in_room = 4096;
      c->in = allocate(c->in_room, 1);
      if (groups[i].worker) snprintf(c->worker, sizeof c->worker, "%.60s-%d", groups[i].worker, k);
      else snprintf(c->worker, sizeof c->worker, "w%d-%d-%d", getpid(), i, k);
      open_connection(c);
    }
  }
}

static void group_done(Group *g) {
  if (g->done) return;
  g->done = 1;
  g->done_at = (double)(now_ns() - window_start) / 1e9;
}

static int all_done(void) {
  for (int i = 0; i < group_count; i++)
    if ((groups[i].mode->kind == FILLS || groups[i].mode->kind == CLAIMS) && !groups[i].done) return 0;
  return 1;
}

static void send_unsent(Connection *c) {
  while (c->unsent_from < c->unsent.length) {
    ssize_t sent = write(c->fd, c->unsent.bytes + c->unsent_from, c->unsent.length - c->unsent_from);
    if (sent < 0 && errno == EAGAIN) {
      if (!c->writable_wait) c->writable_wait = 1, watch(c, EPOLL_CTL_MOD);
      return;
    }
    if (sent < 0) fail("write: %s", strerror(errno));
    c->unsent_from += (size_t)sent;
  }
  c->unsent.length = c->unsent_from = 0;
  if (c->writable_wait) c->writable_wait = 0, watch(c, EPOLL_CTL_MOD);
}

/* @param since when the request should have gone out: waiting for an earlier answer counts as waiting for this one */
static void send_request(Connection *c, uint64_t since) {
  static Out out;
  Group *g = c->group;
  if (g->mode->kind == FILLS && g->next_unit >= g->total) return group_done(g);
  c->sent_at = since ? since : now_ns();
  c->due = 0;
  out.length = 0;
  g->mode->request(c, &out);
  ssize_t sent = write(c->fd, out.bytes, out.length);
  if (sent == (ssize_t)out.length) return;
  if (sent < 0 && errno != EAGAIN) fail("write: %s", strerror(errno));
  if (sent < 0) sent = 0;
  write_raw(&c->unsent, out.bytes + sent, out.length - (size_t)sent);
  c->unsent_from = 0;
  send_unsent(c);
}

/* ---- answers ---- */

/* Looks for a whole message at the start of what has arrived. The cursor then is at the result of the answer, or the body. */
static size_t whole_message(Connection *c, In *result) {
  if (c->group->mode->kind == SPEAKS_HTTP) return http_message(c->in, c->in_length, result);
  In in = {c->in, c->in + c->in_length, 0};
  uint64_t length;
  if (c->in_length < 4) return 0;
  if (c->in[0] != 0xd8 || c->in[1] != 0x18) fail("an answer that begins with %02x %02x", c->in[0], c->in[1]);
  in.at += 2;
  if (take_head(&in, &length) != BYTES || length > (uint64_t)(in.end - in.at)) return 0;
  *result = (In){in.at, in.at + length, 0};
  return (size_t)(in.at - c->in) + (size_t)length;
}

static void enter_result(Connection *c, In *in) {
  uint64_t entries, id = 0;
  const unsigned char *result = 0;
  if (take_head(in, &entries) != MAP) fail("an answer that is no map");
  for (uint64_t i = 0; i < entries && !in->failed; i++) {
    Slice key = take_string(in);
    if (slice_is(key, "error")) fail("%.*s", (int)(in->end - in->at), in->at);
    if (slice_is(key, "id")) {
      In value = *in;
      take_head(&value, &id);
    }
    if (slice_is(key, "result")) result = in->at;
    skip_item(in);
  }
  if (in->failed || !result) fail("an answer without a result");
  if (id != c->id && !c->group->fixed_reply) fail("the answer to %llu came for %u", (unsigned long long)id, c->id);
  in->at = result;
}

static void take_answer(Connection *c, In *in) {
  Group *g = c->group;
  uint64_t now = now_ns(), sent_at = c->sent_at;
  if (g->mode->kind != SPEAKS_HTTP) enter_result(c, in);
  histogram_record(&g->latency, now - sent_at, (double)(now - window_start) / 1e9);
  g->requests++;
  Verdict verdict = g->mode->answer(c, in);
  if (in->failed) fail("an answer to %s that cannot be read", g->mode_name);
  if (verdict == RETRY) {
    g->empty++;
    if (g->mode->kind == CLAIMS) return group_done(g);
  }
  if (verdict == LATER) return;
  if (g->mode->kind == CLAIMS && g->done_units >= g->total) return group_done(g);
  if (g->mode->kind == RECONNECTS || (g->reconnect && ++c->answered % g->reconnect == 0)) {
    close(c->fd);
    c->sent_at = now_ns();
    open_connection(c);
    return send_request(c, c->sent_at);
  }
  if (g->every_ms > 0) {
    uint64_t period = (uint64_t)(g->every_ms * 1e6);
    c->due = sent_at + period;
    if (c->due > now_ns()) return;
    return send_request(c, c->due);
  }
  send_request(c, 0);
}

static void receive(Connection *c) {
  if (c->in_length == c->in_room) {
    c->in_room *= 2;
    c->in = realloc(c->in, c->in_room);
    if (!c->in) fail("out of memory");
  }
  ssize_t got = read(c->fd, c->in + c->in_length, c->in_room - c->in_length);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) fail("the daemon closed a connection: %s", got < 0 ? strerror(errno) : "end");
  c->in_length += (size_t)got;
  In result;
  size_t length = whole_message(c, &result);
  if (!length) return;
  if (length != c->in_length) fail("more than the answer to one request");
  c->in_length = 0;
  take_answer(c, &result);
}

/* ---- time ---- */

/* Sends what is due, and sets the timer to when something is due next. */
static void send_due(void) {
  static uint64_t armed;
  uint64_t now = now_ns(), next = UINT64_MAX;
  for (int i = 0, n = 0; i < group_count; n += groups[i].connections, i++) {
    if (groups[i].every_ms <= 0 && groups[i].hold_max_ms <= 0) continue;
    for (int k = 0; k < groups[i].connections; k++) {
      Connection *c = &connections[n + k];
      if (c->due && c->due <= now) send_request(c, c->reporting ? 0 : c->due);
      if (c->due && c->due < next) next = c->due;
    }
  }
  if (next == UINT64_MAX || next == armed) return;
  armed = next;
  struct itimerspec when = {.it_value = {(time_t)(next / 1000000000ull), (long)(next % 1000000000ull)}};
  if (timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, 0)) fail("timerfd: %s", strerror(errno));
}

static void make_timer(void) {
  timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = 0};
  if (timer < 0 || epoll_ctl(poller, EPOLL_CTL_ADD, timer, &event)) fail("timerfd: %s", strerror(errno));
}

static void clear_timer(void) {
  uint64_t expirations;
  if (read(timer, &expirations, sizeof expirations) < 0 && errno != EAGAIN) fail("timerfd: %s", strerror(errno));
}

/* Sends the first request, those of a group with a pace spread over the first period. */
static void begin(Connection *c) {
  const Group *g = c->group;
  if (g->every_ms <= 0) return send_request(c, 0);
  c->due = now_ns() + (uint64_t)(g->every_ms * 1e6 * c->number / g->connections);
}

static void begin_window(void) {
  window_start = now_ns();
  measuring = 1;
  longest_stall = 0;
  for (int i = 0; i < group_count; i++) {
    Group *g = &groups[i];
    g->requests = g->cycles = g->empty = g->duplicates = 0;
    memset(&g->latency, 0, sizeof g->latency);
  }
  for (int i = 0; i < held_spec_count; i++) {
    held_specs[i].since = window_start;
    held_specs[i].unit_seconds = 0;
    held_specs[i].claimed = 0;
  }
  puts("{\"event\":\"begin\"}");
  fflush(stdout);
}

static double cpu_seconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void print_result(double elapsed, double cpu) {
  printf("{\"event\":\"result\",\"seconds\":%.4f,\"cpu\":%.4f,\"stall\":%.3f,\"beganAt\":%llu,\"endedAt\":%llu,\"groups\":[",
         elapsed, cpu, (double)longest_stall / 1e6, (unsigned long long)window_start,
         (unsigned long long)window_start + (unsigned long long)(elapsed * 1e9));
  for (int i = 0; i < group_count; i++) {
    const Group *g = &groups[i];
    printf("%s{\"mode\":\"%s\",\"connections\":%d,\"requests\":%llu,\"cycles\":%llu,\"empty\":%llu,\"duplicates\":%llu,"
           "\"units\":%llu,\"doneAt\":%.4f,\"latency\":",
           i ? "," : "", g->mode_name, g->connections, (unsigned long long)g->requests, (unsigned long long)g->cycles,
           (unsigned long long)g->empty, (unsigned long long)g->duplicates,
           (unsigned long long)(g->next_unit ? g->next_unit : g->done_units), g->done_at);
    histogram_print(&g->latency, stdout);
    putchar('}');
  }
  fputs("],\"held\":{", stdout);
  for (int i = 0; i < held_spec_count; i++)
    printf("%s\"%s\":{\"claimed\":%llu,\"mean\":%.4f}", i ? "," : "", held_specs[i].name,
           (unsigned long long)held_specs[i].claimed, held_specs[i].unit_seconds / elapsed);
  puts("}}");
}

int main(int argc, char **argv) {
  read_arguments(argc, argv);
  poller = epoll_create1(EPOLL_CLOEXEC);
  make_timer();
  open_all();
  uint64_t started = now_ns();
  double cpu_before = 0;
  if (warmup <= 0) begin_window(), cpu_before = cpu_seconds();
  for (int n = 0; n < total_connections; n++) begin(&connections[n]);
  send_due();
  struct epoll_event events[EVENTS];
  for (;;) {
    int count = epoll_wait(poller, events, EVENTS, WAIT_MS);
    uint64_t woken = now_ns();
    for (int i = 0; i < count; i++) {
      Connection *c = events[i].data.ptr;
      if (!c) {
        clear_timer();
        continue;
      }
      if (c->writable_wait && events[i].events & EPOLLOUT) send_unsent(c);
      if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive(c);
    }
    send_due();
    uint64_t now = now_ns();
    if (now - woken > longest_stall) longest_stall = now - woken;
    if (!measuring) {
      if ((double)(now - started) / 1e9 >= warmup) begin_window(), cpu_before = cpu_seconds();
      continue;
    }
    if ((double)(now - window_start) / 1e9 >= seconds || (until_done && all_done())) break;
  }
  double cpu = cpu_seconds() - cpu_before;
  for (int i = 0; i < held_spec_count; i++) {
    HeldSpec *s = &held_specs[i];
    s->unit_seconds += s->held * (double)(now_ns() - s->since) / 1e9;
  }
  double elapsed = (double)(now_ns() - window_start) / 1e9;
  puts("{\"event\":\"end\"}");
  fflush(stdout);
  print_result(elapsed, cpu);
  return 0;
}
