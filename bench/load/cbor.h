/* As much CBOR as a client of the queue needs: writing requests, and walking through answers without copying. */
#ifndef CBOR_H
#define CBOR_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { UINT = 0, NEGATIVE = 1, BYTES = 2, TEXT = 3, ARRAY = 4, MAP = 5, TAG = 6, SIMPLE = 7 };

/* ---- writing: a buffer that grows ---- */

typedef struct {
  unsigned char *bytes;
  size_t length, room;
} Out;

static inline unsigned char *out_reserve(Out *out, size_t count) {
  if (out->length + count > out->room) {
    while (out->length + count > out->room) out->room = out->room ? out->room * 2 : 4096;
    out->bytes = realloc(out->bytes, out->room);
    if (!out->bytes) abort();
  }
  return out->bytes + out->length;
}

static inline size_t head_size(uint64_t n) { return n < 24 ? 1 : n < 256 ? 2 : n < 65536 ? 3 : 5; }

static inline unsigned char *put_head(unsigned char *at, int major, uint64_t n) {
  int type = major << 5;
  if (n < 24) {
    *at++ = (unsigned char)(type | (int)n);
  } else if (n < 256) {
    *at++ = (unsigned char)(type | 24);
    *at++ = (unsigned char)n;
  } else if (n < 65536) {
    *at++ = (unsigned char)(type | 25);
    *at++ = (unsigned char)(n >> 8);
    *at++ = (unsigned char)n;
  } else {
    *at++ = (unsigned char)(type | 26);
    for (int shift = 24; shift >= 0; shift -= 8) *at++ = (unsigned char)(n >> shift);
  }
  return at;
}

static inline void write_head(Out *out, int major, uint64_t n) {
  unsigned char *at = out_reserve(out, 5);
  out->length = (size_t)(put_head(at, major, n) - out->bytes);
}

static inline void write_raw(Out *out, const void *bytes, size_t length) {
  memcpy(out_reserve(out, length), bytes, length);
  out->length += length;
}

static inline void write_bytes(Out *out, const void *bytes, size_t length) {
  write_head(out, BYTES, length);
  write_raw(out, bytes, length);
}

static inline void write_string(Out *out, const char *text) { write_bytes(out, text, strlen(text)); }

static inline void write_double(Out *out, double value) {
  uint64_t bits;
  memcpy(&bits, &value, 8);
  unsigned char *at = out_reserve(out, 9);
  *at++ = 0xfb;
  for (int shift = 56; shift >= 0; shift -= 8) *at++ = (unsigned char)(bits >> shift);
  out->length += 9;
}

/* ---- reading: a cursor; once anything is not as expected, `failed` stays set and reads give nothing ---- */

typedef struct {
  const unsigned char *at, *end;
  int failed;
} In;

typedef struct {
  const unsigned char *bytes;
  size_t length;
} Slice;

static inline int peek_major(In *in) { return in->failed || in->at >= in->end ? -1 : *in->at >> 5; }

/* Takes a head. The arguments of indefinite lengths count as failures: the daemon under test never sends them. */
static inline int take_head(In *in, uint64_t *n) {
  *n = 0;
  if (in->failed || in->at >= in->end) return in->failed = 1, -1;
  int major = *in->at >> 5, info = *in->at & 31, size = info < 24 ? 0 : info < 28 ? 1 << (info - 24) : -1;
  if (size < 0 || in->end - in->at < 1 + size) return in->failed = 1, -1;
  in->at++;
  if (size == 0) *n = (uint64_t)info;
  for (int i = 0; i < size; i++) *n = *n << 8 | *in->at++;
  return major;
}

static inline void skip_item(In *in) {
  for (uint64_t left = 1; left > 0 && !in->failed; left--) {
    uint64_t n;
    int major = take_head(in, &n);
    if (major == BYTES || major == TEXT) {
      if (n > (uint64_t)(in->end - in->at)) in->failed = 1;
      else in->at += n;
    } else if (major == ARRAY) left += n;
    else if (major == MAP) left += 2 * n;
    else if (major == TAG) left += 1;
  }
}

static inline Slice take_string(In *in) {
  uint64_t n;
  int major = take_head(in, &n);
  if ((major != BYTES && major != TEXT) || n > (uint64_t)(in->end - in->at)) in->failed = 1;
  if (in->failed) return (Slice){0, 0};
  Slice slice = {in->at, (size_t)n};
  in->at += n;
  return slice;
}

/* Enters a list, or the list inside a tuple. */
static inline uint64_t take_list(In *in) {
  uint64_t n;
  int major = take_head(in, &n);
  if (major == TAG) major = take_head(in, &n);
  if (major != ARRAY) in->failed = 1;
  return in->failed ? 0 : n;
}

static inline int take_null(In *in) {
  if (in->failed || in->at >= in->end || *in->at != 0xf6) return 0;
  in->at++;
  return 1;
}

static inline int take_true(In *in) {
  if (in->failed || in->at >= in->end || *in->at != 0xf5) return 0;
  in->at++;
  return 1;
}

static inline int slice_is(Slice slice, const char *text) {
  return slice.length == strlen(text) && !memcmp(slice.bytes, text, slice.length);
}

#endif
