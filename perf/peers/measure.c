#include "measure.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PERIOD = 1021, CHECKED_ROUNDS = 2, REDUCTION = -1 };
static const double LEAST_WARMUP_US = 300e3, LONGEST_WARMUP_US = 2e6, LEAST_WINDOW_US = 20e3;
static const char *const NAMES[COLLECTIVES] = {"all_reduce", "broadcast", "all_gather", "reduce_scatter", "all_to_all", "sendrecv"};

static const struct program *self;
static const struct options *opt;
static struct call one;
static int distance; /* to the two that a rank talks to */

static int has_parts(enum collective c) { return c == ALL_GATHER || c == REDUCE_SCATTER || c == ALL_TO_ALL; }

static int is_in_place(void) { return self->in_place || opt->collective == BROADCAST; }

double now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

float *page_aligned(const struct program *p, long bytes) {
    void *memory;
    if (posix_memalign(&memory, 4096, bytes)) p->fail("not enough memory");
    memset(memory, 0, bytes); /* pages are touched before anything is timed */
    return memory;
}

/* Whole numbers, different for each rank, element and round, small enough that every partial sum is exact. The period is prime, so that a
 * chunk of a power of two elements does not look like its neighbour. */
static float input(int of_rank, long element, int round) {
    uint64_t x = (uint64_t)(element % PERIOD) * 7919 + (uint64_t)of_rank * 104729 + (uint64_t)round * 1299709;
    return (float)(x * 2654435761u >> 7 & 1023);
}

static void fill(float *buffer, long elements, int round) {
    for (long i = 0; i < elements; i++) buffer[i] = i < PERIOD ? input(self->rank, i, round) : buffer[i - PERIOD];
}

/* Of `count` floats at `at`, those that are not the input of a rank, or the sum of all, from element `first` on. */
static long count_wrong(const float *at, long count, int source, long first, int round) {
    float expected[PERIOD];
    long wrong = 0;
    for (int i = 0; i < PERIOD; i++) {
        expected[i] = source == REDUCTION ? 0 : input(source, first + i, round);
        for (int r = 0; source == REDUCTION && r < self->ranks; r++) expected[i] += input(r, first + i, round);
    }
    for (long i = 0; i < count; i++) wrong += !(at[i] == expected[i % PERIOD]); /* so that NaN is wrong */
    return wrong;
}

static long count_written(const float *at, long count) {
    const unsigned char *bytes = (const unsigned char *)at;
    long written = 0;
    for (long i = 0; i < count * (long)sizeof *at; i++) written += bytes[i] != 0xFF;
    return written;
}

static long check(int round) {
    long wrong = 0;
    switch (opt->collective) {
    case ALL_REDUCE:
        return count_wrong(one.receive, one.total, REDUCTION, 0, round);
    case BROADCAST:
        return count_wrong(one.receive, one.total, one.root, 0, round);
    case SENDRECV:
        return count_wrong(one.receive, one.total, one.from, 0, round);
    case REDUCE_SCATTER:
        wrong = count_wrong(one.receive, one.block, REDUCTION, self->rank * one.block, round);
        return wrong + (is_in_place() ? 0 : count_written(one.receive + one.block, one.total - one.block));
    case ALL_GATHER:
        for (int r = 0; r < self->ranks; r++) wrong += count_wrong(one.receive + r * one.block, one.block, r, 0, round);
        return wrong;
    default: /* all_to_all */
        for (int r = 0; r < self->ranks; r++) wrong += count_wrong(one.receive + r * one.block, one.block, r, self->rank * one.block, round);
        return wrong;
    }
}

static void first_turn(void) {
    one.root = -1;
    distance = 0;
}

/* Timed with each call, so it must cost next to nothing: no division. */
static void next_turn(void) {
    one.root = one.root + 1 < self->ranks ? one.root + 1 : 0;
    distance = distance + 1 < self->ranks ? distance + 1 : 1;
    one.to = self->rank + distance < self->ranks ? self->rank + distance : self->rank + distance - self->ranks;
    one.from = self->rank - distance >= 0 ? self->rank - distance : self->rank - distance + self->ranks;
}

static double time_calls(long calls) {
    double start = now_us();
    for (long i = 0; i < calls; i++) {
        next_turn();
        self->call(&one);
    }
    return now_us() - start;
}

static double largest_of_all(double value) {
    self->agree(&value, 1, 0);
    return value;
}

static long warm_up(void) {
    double total = 0, last = 0;
    long calls = 0, window = opt->warmups;
    for (;;) {
        double time = largest_of_all(time_calls(window)), per_call = time / window;
        double difference = per_call > last ? per_call - last : last - per_call;
        int steady = difference <= 0.1 * last;
        calls += window;
        total += time;
        last = per_call;
        if ((steady && total >= LEAST_WARMUP_US) || total >= LONGEST_WARMUP_US) return calls;
        if (time < LEAST_WINDOW_US) window *= 2;
    }
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* busbw / algbw, as nccl-tests has it (doc/PERFORMANCE.md). */
static double bus_factor(enum collective c, int ranks) {
    double others = (double)(ranks - 1) / ranks;
    return c == ALL_REDUCE ? 2 * others : has_parts(c) ? others : 1;
}

void print_result(const struct program *p, const struct options *o, long bytes, double first, double *times, long warmups, long wrong) {
    qsort(times, o->calls, sizeof *times, by_size);
    double median = (times[(o->calls - 1) / 2] + times[o->calls / 2]) / 2;
    double algbw = bytes / median / 1e3;
    long p99 = (99 * o->calls + 99) / 100 - 1; /* nearest rank */
    int reduces = o->collective == ALL_REDUCE || o->collective == REDUCE_SCATTER;
    printf("{\"collective\":\"%s\",\"bytes\":%ld,\"elements\":%ld,\"dtype\":\"float\",\"op\":\"%s\",\"ranks\":%d,\"transport\":\"%s\",\"algorithm\":\"%s\","
           "\"inPlace\":%s,\"timeUs\":{\"first\":%.3f,\"min\":%.3f,\"median\":%.3f,\"p99\":%.3f,\"max\":%.3f},\"warmups\":%ld,\"algbwGBps\":%.6f,\"busbwGBps\":%.6f,"
           "\"wrong\":%ld}\n",
           NAMES[o->collective], bytes, bytes / (long)sizeof(float) / (has_parts(o->collective) ? p->ranks : 1), reduces ? "sum" : "none", p->ranks, p->transport,
           p->algorithm, p->in_place || o->collective == BROADCAST ? "true" : "false", first, times[0], median, times[p99], times[o->calls - 1], warmups, algbw,
           algbw * bus_factor(o->collective, p->ranks), wrong);
    fflush(stdout);
}

/* In place, or as the root of a broadcast, a rank's input lies where its result goes. A broadcast's other ranks have none. */
static void fill_input(int round) {
    if (opt->collective == BROADCAST) {
        if (self->rank == one.root) fill(one.receive, one.total, round);
    } else {
        fill(self->in_place ? one.receive : one.send, opt->collective == ALL_GATHER ? one.block : one.total, round);
    }
}

static void measure_size(long bytes, double *times) {
    one.total = bytes / (long)sizeof(float);
    one.block = one.total / self->ranks;
    first_turn();
    next_turn();
    fill_input(0);
    first_turn();
    if (self->prepare) self->prepare(&one);
    double first = largest_of_all(time_calls(1));
    long warmups = 1 + warm_up();

    if (!is_in_place()) memset(one.receive, 0xFF, bytes); /* NaN: a result that was not written shows */
    largest_of_all(0);                                    /* all begin together */
    for (long i = 0; i < opt->calls; i++) times[i] = time_calls(1);
    self->agree(times, opt->calls, 0);

    double wrong = is_in_place() ? 0 : check(0);
    for (int round = 1; round <= CHECKED_ROUNDS; round++) {
        memset(one.receive, 0xFF, bytes);
        next_turn();
        fill_input(round);
        self->call(&one);
        wrong += check(round);
    }
    self->agree(&wrong, 1, 1);
    if (self->rank == 0) print_result(self, opt, bytes, first, times, warmups, (long)wrong);
}

static enum collective collective_named(const struct program *p, const char *name) {
    for (int i = 0; i < COLLECTIVES; i++)
        if (!strcmp(name, NAMES[i])) return (enum collective)i;
    p->fail("-c must be all_reduce, broadcast, all_gather, reduce_scatter, all_to_all or sendrecv");
    return COLLECTIVES;
}

static long positive(const struct program *p, const char *text) {
    char *rest = "";
    long value = strtol(text, &rest, 10);
    if (value < 1 || *rest) p->fail("options are -c COLLECTIVE -b BYTES -e BYTES -f FACTOR -n CALLS -w CALLS, whole numbers from 1");
    return value;
}

struct options parse_options(const struct program *p, int argc, char **argv, const char *more, void (*take)(int option, const char *argument)) {
    struct options o = {.collective = ALL_REDUCE, .begin = 8, .end = 64 << 20, .factor = 2, .calls = 20, .warmups = 5};
    char accepted[64];
    int option;
    snprintf(accepted, sizeof accepted, "c:b:e:f:n:w:%s", more);
    while ((option = getopt(argc, argv, accepted)) != -1) {
        if (option == '?') p->fail("there is no such option");
        else if (option == 'c') o.collective = collective_named(p, optarg);
        else if (option == 'b') o.begin = positive(p, optarg);
        else if (option == 'e') o.end = positive(p, optarg);
        else if (option == 'f') o.factor = positive(p, optarg);
        else if (option == 'n') o.calls = positive(p, optarg);
        else if (option == 'w') o.warmups = positive(p, optarg);
        else take(option, optarg);
    }
    if (o.begin % 4 || o.end < o.begin || o.factor < 2) p->fail("-b must be a multiple of 4 and no more than -e, -f at least 2");
    return o;
}

long whole_bytes(const struct options *o, int ranks, long bytes) {
    long unit = (long)sizeof(float) * (has_parts(o->collective) ? ranks : 1);
    return bytes < unit ? unit : bytes - bytes % unit;
}

void measure(const struct program *p, const struct options *o) {
    self = p, opt = o;
    long largest = whole_bytes(o, p->ranks, o->end), last = 0;
    one.send = page_aligned(p, largest);
    one.receive = page_aligned(p, largest);
    double *times = malloc(o->calls * sizeof *times);
    if (!times) p->fail("not enough memory");
    for (long bytes = o->begin; bytes <= o->end; bytes *= o->factor) {
        long whole = whole_bytes(o, p->ranks, bytes);
        if (whole != last) measure_size(whole, times);
        last = whole;
    }
    free(one.send), free(one.receive), free(times);
}
