/* Measures MPI_Allreduce as `rdmacc perf all_reduce` measures ours, and prints the same JSON lines: float, sum, out of place.
 *
 *   mpirun -n 2 mpi_all_reduce [-b BYTES] [-e BYTES] [-f FACTOR] [-n CALLS] [-w CALLS]
 *
 * The timing rule is that of the tool (src/RdmaCollectives.Tool/Perf/Measurement.cs):
 *   - one first call;
 *   - warm-up in windows of calls, until -w calls and 300 ms have passed and two successive windows took the same time within 10%, or 2 s have
 *     passed; a window shorter than 20 ms is doubled; the ranks decide by a time that they agreed on, so that all do the same;
 *   - -n calls, each timed by itself; a call's time is that of its slowest rank; then min, median, p99, max of the calls;
 *   - two calls with fresh input into a poisoned buffer, and the last timed one, compared with the exact result.
 */
#include <mpi.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PERIOD = 1021, CHECKED_ROUNDS = 2 };
static const double LEAST_WARMUP_US = 300e3, LONGEST_WARMUP_US = 2e6, LEAST_WINDOW_US = 20e3;

struct options {
    long begin, end, factor, calls, warmups;
};

static int rank, ranks;

/* Aborts all ranks; an MPI program that only returns leaves the others waiting. */
static void fail(const char *what) {
    fprintf(stderr, "mpi_all_reduce: %s\n", what);
    MPI_Abort(MPI_COMM_WORLD, 2);
}

static double now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

/* Whole numbers, different for each rank, element and round, small enough that every partial sum is exact. The period is prime, so that a
 * chunk of a power of two elements does not look like its neighbour. */
static float input(int of_rank, long element, int round) {
    uint64_t x = (uint64_t)(element % PERIOD) * 7919 + (uint64_t)of_rank * 104729 + (uint64_t)round * 1299709;
    return (float)(x * 2654435761u >> 7 & 1023);
}

static void fill(float *buffer, long elements, int round) {
    for (long i = 0; i < elements; i++) buffer[i] = i < PERIOD ? input(rank, i, round) : buffer[i - PERIOD];
}

static long count_wrong(const float *buffer, long elements, int round) {
    float expected[PERIOD];
    long wrong = 0;
    for (int i = 0; i < PERIOD; i++) {
        expected[i] = 0;
        for (int r = 0; r < ranks; r++) expected[i] += input(r, i, round);
    }
    for (long i = 0; i < elements; i++) wrong += !(buffer[i] == expected[i % PERIOD]); /* so that NaN is wrong */
    return wrong;
}

static void call(const float *send, float *receive, long elements) {
    MPI_Allreduce(send, receive, (int)elements, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
}

static double time_calls(const float *send, float *receive, long elements, long calls) {
    double start = now_us();
    for (long i = 0; i < calls; i++) call(send, receive, elements);
    return now_us() - start;
}

static double largest_of_all(double value) {
    MPI_Allreduce(MPI_IN_PLACE, &value, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    return value;
}

static long warm_up(const float *send, float *receive, long elements, long window) {
    double total = 0, last = 0;
    long calls = 0;
    for (;;) {
        double time = largest_of_all(time_calls(send, receive, elements, window)), per_call = time / window;
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

static void print(long bytes, double first, double *times, const struct options *o, long warmups, long wrong) {
    qsort(times, o->calls, sizeof *times, by_size);
    double median = (times[(o->calls - 1) / 2] + times[o->calls / 2]) / 2;
    double algbw = bytes / median / 1e3;
    long p99 = (99 * o->calls + 99) / 100 - 1; /* nearest rank */
    printf("{\"collective\":\"all_reduce\",\"bytes\":%ld,\"elements\":%ld,\"dtype\":\"float\",\"op\":\"sum\",\"ranks\":%d,\"transport\":\"mpi\",\"algorithm\":\"auto\","
           "\"inPlace\":false,\"timeUs\":{\"first\":%.3f,\"min\":%.3f,\"median\":%.3f,\"p99\":%.3f,\"max\":%.3f},\"warmups\":%ld,\"algbwGBps\":%.6f,\"busbwGBps\":%.6f,"
           "\"wrong\":%ld}\n",
           bytes, bytes / (long)sizeof(float), ranks, first, times[0], median, times[p99], times[o->calls - 1], warmups, algbw, algbw * 2 * (ranks - 1) / ranks, wrong);
    fflush(stdout);
}

static void measure(long bytes, const struct options *o, float *send, float *receive, double *times) {
    long elements = bytes / (long)sizeof(float);
    fill(send, elements, 0);
    double first = largest_of_all(time_calls(send, receive, elements, 1));
    long warmups = 1 + warm_up(send, receive, elements, o->warmups);

    memset(receive, 0xFF, bytes); /* NaN: a result that was not written shows */
    largest_of_all(0);            /* all begin together */
    for (long i = 0; i < o->calls; i++) times[i] = time_calls(send, receive, elements, 1);
    MPI_Allreduce(MPI_IN_PLACE, times, (int)o->calls, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);

    long wrong = count_wrong(receive, elements, 0);
    for (int round = 1; round <= CHECKED_ROUNDS; round++) {
        memset(receive, 0xFF, bytes);
        fill(send, elements, round);
        call(send, receive, elements);
        wrong += count_wrong(receive, elements, round);
    }
    MPI_Allreduce(MPI_IN_PLACE, &wrong, 1, MPI_LONG, MPI_SUM, MPI_COMM_WORLD);
    if (rank == 0) print(bytes, first, times, o, warmups, wrong);
}

static struct options parse(int argc, char **argv) {
    struct options o = {.begin = 8, .end = 64 << 20, .factor = 2, .calls = 20, .warmups = 5};
    int option;
    while ((option = getopt(argc, argv, "b:e:f:n:w:")) != -1) {
        char *rest = "";
        long value = optarg ? strtol(optarg, &rest, 10) : 0;
        if (value < 1 || *rest) fail("options are -b BYTES -e BYTES -f FACTOR -n CALLS -w CALLS, whole numbers from 1");
        if (option == 'b') o.begin = value;
        if (option == 'e') o.end = value;
        if (option == 'f') o.factor = value;
        if (option == 'n') o.calls = value;
        if (option == 'w') o.warmups = value;
    }
    if (o.begin % 4 || o.end < o.begin || o.factor < 2) fail("-b must be a multiple of 4 and no more than -e, -f at least 2");
    return o;
}

int main(int argc, char **argv) {
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    struct options o = parse(argc, argv);

    float *send, *receive;
    double *times = malloc(o.calls * sizeof *times);
    if (!times || posix_memalign((void **)&send, 4096, o.end) || posix_memalign((void **)&receive, 4096, o.end)) fail("not enough memory");
    memset(send, 0, o.end); /* pages are touched before anything is timed */
    memset(receive, 0, o.end);
    for (long bytes = o.begin; bytes <= o.end; bytes *= o.factor) measure(bytes, &o, send, receive, times);

    free(send), free(receive), free(times);
    MPI_Finalize();
    return 0;
}
