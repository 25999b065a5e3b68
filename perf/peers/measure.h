/* How the peers' programs measure: the timing rule of `rdmacc perf` (src/RdmaCollectives.Tool/Perf/Measurement.cs), its check of results, and its JSON lines.
 *
 *   - one first call;
 *   - warm-up in windows of calls, until -w calls and 300 ms have passed and two successive windows took the same time within 10%, or 2 s have passed; a window
 *     shorter than 20 ms is doubled; the ranks decide by a time that they agreed on, so that all do the same;
 *   - -n calls, each timed by itself; a call's time is that of its slowest rank; then min, median, p99, max of the calls;
 *   - each call another turn: another root of a broadcast, another distance of sendrecv, so that no rank runs ahead of the others;
 *   - two calls with fresh input into a poisoned buffer, and the last timed one if it is not in place, compared with the exact result.
 */
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

enum collective { ALL_REDUCE, BROADCAST, ALL_GATHER, REDUCE_SCATTER, ALL_TO_ALL, SENDRECV, COLLECTIVES };

struct options {
    enum collective collective;
    long begin, end, factor, calls, warmups;
};

/* What a call is made with. Size means the larger buffer of a rank; counts are in floats. */
struct call {
    float *send, *receive; /* in place the input is in receive, and send is not used */
    long total, block;     /* of the larger buffer, and of the part of one rank where there are such parts */
    int root, to, from;    /* of this turn */
};

struct program {
    const char *name;      /* in messages */
    const char *transport; /* in the results */
    const char *algorithm;
    int rank, ranks, in_place;
    void (*prepare)(const struct call *one);                 /* before the first call of a size; may be null */
    void (*call)(const struct call *one);
    void (*agree)(double *values, long count, int is_sum);   /* the largest of all ranks, or the sum */
    void (*fail)(const char *what);                          /* ends all ranks */
};

double now_us(void);

/* -c COLLECTIVE -b BYTES -e BYTES -f FACTOR -n CALLS -w CALLS; `more` are options of the program itself, as for getopt, whose arguments go to `take`. */
struct options parse_options(const struct program *p, int argc, char **argv, const char *more, void (*take)(int option, const char *argument));

/* The next size from `bytes` on as this collective can have it: whole floats for every rank. */
long whole_bytes(const struct options *o, int ranks, long bytes);

float *page_aligned(const struct program *p, long bytes);

void print_result(const struct program *p, const struct options *o, long bytes, double first, double *times, long warmups, long wrong);

/* All sizes. */
void measure(const struct program *p, const struct options *o);

#ifdef __cplusplus
}
#endif
