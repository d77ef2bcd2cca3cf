/*
 * Latencies in nanoseconds, counted in buckets whose width grows with the value: 128 to a doubling, so that a value read
 * back is off by less than 0.8%. Recording is a few instructions and never allocates, whatever comes.
 */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define SUB_BITS 7
#define SUB_BUCKETS (1 << SUB_BITS)
#define BUCKETS ((64 - SUB_BITS) * SUB_BUCKETS)

typedef struct {
  uint64_t count, max, sum;
  double max_at; /* seconds into the window when the largest was seen */
  uint32_t buckets[BUCKETS];
} Histogram;

static inline int bucket_of(uint64_t value) {
  if (value < SUB_BUCKETS) return (int)value;
  int shift = 63 - __builtin_clzll(value) - SUB_BITS;
  return (shift + 1) * SUB_BUCKETS + (int)((value >> shift) & (SUB_BUCKETS - 1));
}

/* The largest value that a bucket takes. */
static inline uint64_t bucket_top(int bucket) {
  if (bucket < SUB_BUCKETS) return (uint64_t)bucket;
  int shift = bucket / SUB_BUCKETS - 1;
  return (((uint64_t)(bucket % SUB_BUCKETS) + SUB_BUCKETS + 1) << shift) - 1;
}

static inline void histogram_record(Histogram *h, uint64_t ns, double at) {
  h->buckets[bucket_of(ns)]++;
  h->count++;
  h->sum += ns;
  if (ns > h->max) {
    h->max = ns;
    h->max_at = at;
  }
}

/* The value that a share of all values (0 to 1) does not exceed. */
static inline uint64_t histogram_at(const Histogram *h, double share) {
  uint64_t wanted = (uint64_t)(share * (double)h->count + 0.5), seen = 0;
  if (wanted < 1) wanted = 1;
  for (int i = 0; i < BUCKETS; i++) {
    seen += h->buckets[i];
    if (seen >= wanted) return bucket_top(i) < h->max ? bucket_top(i) : h->max;
  }
  return h->max;
}

static inline uint64_t histogram_above(const Histogram *h, uint64_t ns) {
  uint64_t above = 0;
  for (int i = bucket_of(ns) + 1; i < BUCKETS; i++) above += h->buckets[i];
  return above;
}

/* {"count": …, "p50": ms, …, "curve": [[share, ms], …]}: the curve has one point for each halving of what is above. */
static inline void histogram_print(const Histogram *h, FILE *out) {
  static const struct { const char *name; double share; } points[] = {
      {"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}};
  fprintf(out, "{\"count\":%llu,\"mean\":%.4f", (unsigned long long)h->count, h->count ? (double)h->sum / (double)h->count / 1e6 : 0);
  for (size_t i = 0; i < sizeof points / sizeof *points; i++)
    fprintf(out, ",\"%s\":%.4f", points[i].name, (double)histogram_at(h, points[i].share) / 1e6);
  fprintf(out, ",\"max\":%.4f,\"maxAt\":%.3f,\"over50\":%llu,\"curve\":[", (double)h->max / 1e6, h->max_at,
          (unsigned long long)histogram_above(h, 50 * 1000 * 1000));
  double above = 1;
  for (int i = 0; i < 24 && above * (double)h->count >= 0.5; i++, above /= 2)
    fprintf(out, "%s[%.8f,%.4f]", i ? "," : "", 1 - above, (double)histogram_at(h, 1 - above) / 1e6);
  fprintf(out, "%s[1,%.4f]]}", h->count ? "," : "", (double)h->max / 1e6);
}

#endif
