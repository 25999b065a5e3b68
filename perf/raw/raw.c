/* The roof of an all-reduce of two ranks over verbs: the writes and the additions that it cannot do without, and no library. The timing rule, the check and the output are those
 * of `rdmacc perf` (../peers/measure.h).
 *
 *   raw -a exchange -r RANK -d DEVICE [-g GID_INDEX] [-p TCP_PORT] [-b BYTES] [-e BYTES] [-f FACTOR] [-n CALLS] [-w CALLS]
 *   raw -a ring [-k CHUNK_BYTES] ...
 *
 * exchange: each rank writes its input into a slot of the other's, with an immediate, and adds what arrives. Two slots suffice: a rank that begins the call after the next has the
 *           other's message of the next, which was sent when this call was over there.
 * ring:     each rank owns half of the result. The other's input of it comes in chunks; each is added, and the sum written straight to where the other wants it. What a rank owns of its
 *           memory again when it returns: all its writes have completed.
 */
#include "../peers/measure.h"
#include "link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SUM_BIT = 1 << 16 };

static struct link l;
static struct region slots, input, result, staging;
static long chunk = 64 << 10;
static int is_ring, gid_index = -1, tcp_port = 18620;
static const char *device;
static long largest;
static uint32_t calls;

static void fail(const char *what) {
    fprintf(stderr, "raw: %s\n", what);
    exit(2);
}

static void add(float *sum, const float *a, const float *b, long count) {
    for (long i = 0; i < count; i++) sum[i] = a[i] + b[i];
}

static void exchange(const struct call *c) {
    long bytes = c->total * (long)sizeof(float), at = (calls & 1) * (slots.registration->length / 2);
    link_write(&l, &input, 0, &slots, at, bytes, calls, bytes > INLINE_BYTES);
    if (link_next(&l) != calls) fail("a message came in the wrong call");
    add(c->receive, c->send, (const float *)(slots.at + at), c->total);
    if (bytes > INLINE_BYTES) link_drain(&l);
    calls++;
}

static void ring(const struct call *c) {
    long all = c->total * (long)sizeof(float), first = (c->total + 1) / 2 * (long)sizeof(float);
    long own = l.rank == 0 ? 0 : first, own_bytes = l.rank == 0 ? first : all - first;
    long other = first - own, other_bytes = all - own_bytes;
    long others = (other_bytes + chunk - 1) / chunk, owns = (own_bytes + chunk - 1) / chunk;
    for (long i = 0; i < others; i++) {
        long at = i * chunk, bytes = other_bytes - at < chunk ? other_bytes - at : chunk;
        link_write(&l, &input, other + at, &staging, at, bytes, (uint32_t)i, 0);
    }
    for (long left = owns + others; left > 0; left--) {
        uint32_t immediate = link_next(&l);
        if (immediate & SUM_BIT) continue; /* it lies where it belongs */
        long at = (long)immediate * chunk, bytes = own_bytes - at < chunk ? own_bytes - at : chunk;
        add(c->receive + (own + at) / (long)sizeof(float), c->send + (own + at) / (long)sizeof(float), (const float *)(staging.at + at), bytes / (long)sizeof(float));
        link_write(&l, &result, own + at, &result, own + at, bytes, immediate | SUM_BIT, (long)immediate == owns - 1);
    }
    link_drain(&l);
}

static void call(const struct call *c) {
    if (is_ring) ring(c);
    else exchange(c);
}

/* Memory is registered once, before anything is timed: what a library does for memory that it was given beforehand. */
static void prepare(const struct call *c) {
    if (input.registration) return;
    link_share(&l, &input, c->send, largest);
    link_share(&l, &result, c->receive, largest);
}

static void agree(double *values, long count, int is_sum) {
    double *theirs = malloc(count * sizeof *theirs);
    if (!theirs) fail("not enough memory");
    link_swap(&l, values, theirs, count * (long)sizeof *values);
    for (long i = 0; i < count; i++) values[i] = is_sum ? values[i] + theirs[i] : values[i] > theirs[i] ? values[i] : theirs[i];
    free(theirs);
}

static void take(int option, const char *argument) {
    switch (option) {
    case 'a':
        is_ring = !strcmp(argument, "ring");
        if (!is_ring && strcmp(argument, "exchange")) fail("-a must be exchange or ring");
        break;
    case 'r': l.rank = atoi(argument); break;
    case 'd': device = argument; break;
    case 'g': gid_index = atoi(argument); break;
    case 'p': tcp_port = atoi(argument); break;
    default: chunk = atol(argument) / (long)sizeof(float) * (long)sizeof(float);
    }
}

int main(int argc, char **argv) {
    struct program p = {.name = "raw", .transport = "verbs", .ranks = 2, .prepare = prepare, .call = call, .agree = agree, .fail = fail};
    struct options o = parse_options(&p, argc, argv, "a:r:d:g:p:k:", take);
    if (!device || l.rank < 0 || l.rank > 1 || chunk < (long)sizeof(float) || o.collective != ALL_REDUCE) fail("-d DEVICE and -r 0 or 1 are needed, -k must be at least 4, and there is no collective but all_reduce");
    largest = whole_bytes(&o, p.ranks, o.end);
    if (largest / 2 / chunk + 1 > RECEIVES / 2) fail("-k is too small for -e: the receives that are posted do not suffice");
    p.rank = l.rank, p.algorithm = is_ring ? "raw ring" : "raw exchange";
    link_open(&l, p.rank, device, gid_index, tcp_port);
    if (is_ring) link_share(&l, &staging, page_aligned(&p, largest), largest);
    else link_share(&l, &slots, page_aligned(&p, 2 * largest), 2 * largest);
    measure(&p, &o);
    return 0;
}
