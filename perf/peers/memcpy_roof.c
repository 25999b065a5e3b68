/* How long the memory of this machine needs for what a collective must at least read and write: as many processes as there are ranks, each with memcpy in memory
 * of its own, all at the same time. A collective cannot be faster by more than caches that ranks share.
 *
 *   memcpy_roof -r RANKS -c all_reduce [-b BYTES] [-e BYTES] [-f FACTOR] [-n WINDOWS]
 *
 * memcpy of m bytes reads m and writes m. A size of s bytes with n ranks has, per rank, with every input read and every result written once by those who need it,
 * and nothing in between:
 *
 *   all_reduce      reads s + s(n-1)/n: its block of all inputs, then the results of the others; writes s      m = s(3n-1)/(2n)
 *   broadcast       the root nothing, the others read s and write s                                            m = s, by n-1 processes
 *   all_gather      reads s, writes s                                                                          m = s
 *   reduce_scatter  reads s, its block of all inputs; writes s/n                                               m = s(n+1)/(2n)
 *   all_to_all      reads s, writes s                                                                          m = s
 *   sendrecv        reads s, writes s                                                                          m = s
 *
 * Timing: windows of copies between two barriers, each as many as take 20 ms; a window takes from the first process that begins to the last that ends, and its
 * time divided by the copies counts as that of a call. So it is the roof of a steady stream, without the cost of meeting.
 */
#define _GNU_SOURCE
#include "measure.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

enum { MOST_RANKS = 256 };
static const double LEAST_WINDOW_US = 20e3;

static struct shared {
    atomic_long arrived;
    double begin[MOST_RANKS], end[MOST_RANKS];
} *shared;

static int ranks = 2, rank;
static long barriers;

static void fail(const char *what) {
    fprintf(stderr, "memcpy_roof: %s\n", what);
    _exit(2);
}

static void take(int option, const char *argument) {
    (void)option;
    ranks = atoi(argument);
}

static void barrier(void) {
    barriers++;
    atomic_fetch_add_explicit(&shared->arrived, 1, memory_order_acq_rel);
    while (atomic_load_explicit(&shared->arrived, memory_order_acquire) < barriers * ranks) sched_yield();
}

static long bytes_to_copy(enum collective c, long size) {
    if (c == ALL_REDUCE) return size * (3L * ranks - 1) / (2L * ranks);
    if (c == REDUCE_SCATTER) return size * (ranks + 1L) / (2L * ranks);
    return c == BROADCAST && rank == 0 ? 0 : size;
}

/* Copies more than the buffers have in two goes. */
static void copy(char *to, const char *from, long size, long bytes) {
    for (; bytes > 0; bytes -= size) {
        memcpy(to, from, bytes < size ? bytes : size);
        __asm__ volatile("" ::: "memory"); /* the copy is not left out for being overwritten */
    }
}

/* Microseconds from the first that begins to the last that ends; the same on all. */
static double window(char *to, const char *from, long size, long bytes, long copies) {
    barrier();
    shared->begin[rank] = now_us();
    for (long i = 0; i < copies; i++) copy(to, from, size, bytes);
    shared->end[rank] = now_us();
    barrier();
    double begin = shared->begin[0], end = shared->end[0];
    for (int r = 1; r < ranks; r++) {
        if (shared->begin[r] < begin) begin = shared->begin[r];
        if (shared->end[r] > end) end = shared->end[r];
    }
    barrier(); /* all have read */
    return end - begin;
}

static void roof(const struct program *p, const struct options *o, long size, char *to, char *from, double *times) {
    long bytes = bytes_to_copy(o->collective, size), copies = 1, warmups = 1;
    memset(from, 1 + rank, size);
    memset(to, 0xFF, size);
    double first = window(to, from, size, bytes, 1);
    double wrong = memcmp(to, from, bytes < size ? bytes : size) != 0;
    for (double time = first; time < LEAST_WINDOW_US; warmups += copies) time = window(to, from, size, bytes, copies *= 2);
    for (long i = 0; i < o->calls; i++) times[i] = window(to, from, size, bytes, copies) / copies;
    shared->begin[rank] = wrong;
    barrier();
    for (int r = 0; r < ranks; r++) wrong += r == rank ? 0 : shared->begin[r];
    barrier();
    if (rank == 0) print_result(p, o, size, first, times, warmups, (long)wrong);
}

static int run(const struct program *p, const struct options *o) {
    char *to = (char *)page_aligned(p, whole_bytes(o, ranks, o->end)), *from = (char *)page_aligned(p, whole_bytes(o, ranks, o->end));
    double *times = malloc(o->calls * sizeof *times);
    if (!times) fail("not enough memory");
    long last = 0;
    for (long bytes = o->begin; bytes <= o->end; bytes *= o->factor) {
        long whole = whole_bytes(o, ranks, bytes);
        if (whole != last) roof(p, o, whole, to, from, times);
        last = whole;
    }
    return 0;
}

int main(int argc, char **argv) {
    struct program p = {.name = "memcpy_roof", .transport = "memcpy", .algorithm = "auto", .fail = fail};
    struct options o = parse_options(&p, argc, argv, "r:", take);
    if (ranks < 1 || ranks > MOST_RANKS) fail("-r must be 1 to 256");
    p.ranks = ranks;
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) fail("no shared memory");
    for (rank = 1; rank < ranks; rank++) {
        if (fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            _exit(run(&p, &o));
        }
    }
    rank = 0;
    run(&p, &o);
    int worst = 0, status;
    while (wait(&status) > 0) worst = status ? 1 : worst;
    return worst;
}
