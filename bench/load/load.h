/* What the parts of the load generator share: groups of connections that do the same, and the connections. */
#ifndef LOAD_H
#define LOAD_H

#include "cbor.h"
#include "histogram.h"

typedef struct Connection Connection;
typedef struct Group Group;

/* What became of an answer. */
typedef enum {
  AGAIN,   /* send the next request at once */
  LATER,   /* the connection has set `due` itself: send the next request then */
  RETRY,   /* there was nothing to claim: ask again, and count an empty answer */
} Verdict;

typedef enum {
  PLAIN,
  FILLS,      /* is over when all units are added */
  CLAIMS,     /* is over when so many units are claimed */
  RECONNECTS, /* opens a connection for each request */
  SPEAKS_HTTP,
} Kind;

typedef struct {
  const char *name;
  /* Writes the request that the connection's phase asks for: the whole message. */
  void (*request)(Connection *, Out *);
  /* Takes the answer: for CBOR-RPC the cursor is at the result, for HTTP at the body. */
  Verdict (*answer)(Connection *, In *);
  Kind kind;
} Mode;

#define MAX_SPECS 64

/* Units of one work spec that the connections hold, and that number integrated over time. */
typedef struct {
  char name[64];
  uint64_t claimed;
  int held;
  double unit_seconds;
  uint64_t since;
} HeldSpec;

struct Group {
  const Mode *mode;
  /* options */
  const char *mode_name, *spec, *prefix, *names, *worker;
  int port, connections, batch, fixed_reply, size, priorities, reconnect;
  double lease, every_ms, hold_min_ms, hold_max_ms;
  uint64_t first, total;
  /* progress */
  uint64_t next_unit, done_units;
  int done;
  double done_at;
  /* counted within the window */
  uint64_t requests, cycles, empty, duplicates;
  Histogram latency;
};

struct Connection {
  Group *group;
  int fd, number, reporting, writable_wait, answered;
  uint32_t id;
  uint64_t sent_at, due; /* ns; due 0: not waiting */
  char worker[96];
  unsigned char *in;
  size_t in_length, in_room;
  Out unsent;
  size_t unsent_from;
  /* the claimed unit, until it is reported on */
  char spec[64];
  unsigned char key[1024];
  size_t key_length;
  int held_spec;
  uint64_t held_unit; /* number of the unit + 1, 0: not one of those that are watched */
  char report_path[512];
};

extern HeldSpec held_specs[MAX_SPECS];
extern int held_spec_count;

const Mode *find_mode(const char *name);

/* support.c */
uint64_t now_ns(void);
/* Zeroed memory; ends the run where there is none. */
void *allocate(size_t count, size_t size);
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Watches that no unit is handed out while somebody has it: sets or clears the mark of a unit by its number. */
int mark_unit(uint64_t number, int held);

/* http.c */
extern const Mode http_modes[];
/* The length of the message at the start of `in`, 0 = not all there; sets the body. */
size_t http_message(const unsigned char *in, size_t length, In *body);

#endif
