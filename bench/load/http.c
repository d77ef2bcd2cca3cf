/* REST: claiming a unit and finishing its attempt, by the links in the answers. */
#include <stdio.h>
#include <strings.h>

#include "load.h"

static void write_post(Out *out, const char *path, const char *body) {
  char head[1024];
  int length = snprintf(head, sizeof head,
                        "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: application/json\r\n"
                        "Content-Length: %zu\r\n\r\n",
                        path, strlen(body));
  write_raw(out, head, (size_t)length);
  write_raw(out, body, strlen(body));
}

static void request_attempts(Connection *c, Out *out) {
  char path[256];
  if (c->reporting) return write_post(out, c->report_path, "{}");
  snprintf(path, sizeof path, "/namespace/-/worker/%s/request_attempts", c->worker);
  write_post(out, path, "{}");
}

static void get_summary(Connection *c, Out *out) {
  (void)c;
  static const char request[] = "GET /summary HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\r\n";
  write_raw(out, request, sizeof request - 1);
}

/* The first units, or failed units, after a name that differs from time to time. */
static void get_units(Connection *c, Out *out, const char *filter) {
  char request[512];
  const Group *g = c->group;
  uint64_t range = g->total ? g->total : 1000000;
  uint64_t start = c->id++ * 7919ull * 7919ull % range;
  int length = snprintf(request, sizeof request,
                        "GET /namespace/-/work_spec/%s/work_unit?limit=%d%s&previous=unit-%09llu HTTP/1.1\r\nHost: localhost\r\n"
                        "Accept: application/json\r\n\r\n",
                        g->spec, g->batch, filter, (unsigned long long)start);
  write_raw(out, request, (size_t)length);
}

static void get_window(Connection *c, Out *out) { get_units(c, out, ""); }
static void get_failed(Connection *c, Out *out) { get_units(c, out, "&status=failed"); }

/* The causes of failures. */
static void get_failures(Connection *c, Out *out) {
  char request[256];
  int length = snprintf(request, sizeof request,
                        "GET /namespace/-/work_spec/%s/failures HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\r\n",
                        c->group->spec);
  write_raw(out, request, (size_t)length);
}

/* The first units that failed by the cause whose id is the prefix. */
static void get_of_cause(Connection *c, Out *out) {
  char filter[64];
  snprintf(filter, sizeof filter, "&failure=%.32s", c->group->prefix);
  get_units(c, out, filter);
}

static const char *find(const char *text, size_t length, const char *wanted) {
  size_t size = strlen(wanted);
  for (size_t i = 0; i + size <= length; i++)
    if (!memcmp(text + i, wanted, size)) return text + i + size;
  return 0;
}

static Verdict answer_attempts(Connection *c, In *body) {
  if (c->reporting) {
    c->reporting = 0;
    c->group->cycles++;
    return AGAIN;
  }
  const char *text = (const char *)body->at;
  size_t length = (size_t)(body->end - body->at);
  const char *url = find(text, length, "\"finish_url\":\"");
  if (!url) return RETRY;
  size_t size = 0;
  while (url + size < text + length && url[size] != '"' && size + 1 < sizeof c->report_path) size++;
  memcpy(c->report_path, url, size);
  c->report_path[size] = 0;
  c->reporting = 1;
  return AGAIN;
}

static Verdict answer_window(Connection *c, In *body) {
  const char *at = (const char *)body->at, *end = (const char *)body->end;
  int units = 0;
  while ((at = find(at, (size_t)(end - at), "\"name\":"))) units++;
  if (units != c->group->batch) c->group->empty++;
  return AGAIN;
}

static Verdict answer_any(Connection *c, In *body) {
  (void)c, (void)body;
  return AGAIN;
}

const Mode http_modes[] = {
    {"rest-cycle", request_attempts, answer_attempts, SPEAKS_HTTP},
    {"rest-summary", get_summary, answer_any, SPEAKS_HTTP},
    {"rest-window", get_window, answer_window, SPEAKS_HTTP},
    {"rest-failed", get_failed, answer_window, SPEAKS_HTTP},
    {"rest-failures", get_failures, answer_any, SPEAKS_HTTP},
    {"rest-cause", get_of_cause, answer_window, SPEAKS_HTTP},
    {0, 0, 0, PLAIN},
};

size_t http_message(const unsigned char *in, size_t length, In *body) {
  const char *text = (const char *)in;
  const char *end = find(text, length, "\r\n\r\n");
  if (!end) return 0;
  size_t head = (size_t)(end - text), size = 0;
  for (const char *line = text; line < end - 2;) {
    if (!strncasecmp(line, "content-length:", 15)) size = (size_t)strtoull(line + 15, 0, 10);
    if (!strncasecmp(line, "transfer-encoding:", 18)) fail("an answer in chunks: %.200s", text);
    line = find(line, (size_t)(end - line), "\r\n");
  }
  if (length < head + size) return 0;
  if (strncmp(text, "HTTP/1.1 2", 10)) fail("%.*s", (int)(head + size), text);
  *body = (In){in + head, in + head + size, 0};
  return head + size;
}
