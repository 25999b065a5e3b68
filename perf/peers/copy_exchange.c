// How long two processes, on processors 0 and 1, take to copy some bytes to each other through memory that each maps of the other: a copy in, a flag, a copy out, 2000 times; the median of 101.
// The other's memory is mapped writable or read-only, and is only read in both cases.
// cc -O2 copy_exchange.c -o copy_exchange && ./copy_exchange 32768 writable && ./copy_exchange 32768 read-only
#define _GNU_SOURCE
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { windows = 101, calls = 2000, slots = 4, slot_bytes = 1 << 17, page = 4096 };

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int count, char **args)
{
    size_t bytes = count == 3 ? strtoul(args[1], NULL, 10) : 0;
    int read_only = count == 3 && strcmp(args[2], "read-only") == 0;
    if (bytes == 0 || bytes > slot_bytes || (!read_only && strcmp(args[2], "writable") != 0)) {
        fprintf(stderr, "copy_exchange BYTES writable|read-only, with 1 to %d bytes\n", slot_bytes);
        return 2;
    }

    int files[2] = { memfd_create("a", 0), memfd_create("b", 0) };
    if (ftruncate(files[0], slots * slot_bytes) != 0 || ftruncate(files[1], slots * slot_bytes) != 0) {
        perror("ftruncate");
        return 1;
    }

    char *flags = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int rank = fork() == 0;
    cpu_set_t processor;
    CPU_ZERO(&processor);
    CPU_SET(rank, &processor);
    sched_setaffinity(0, sizeof processor, &processor);
    char *out = mmap(NULL, slots * slot_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, files[rank], 0);
    char *in = mmap(NULL, slots * slot_bytes, read_only ? PROT_READ : PROT_READ | PROT_WRITE, MAP_SHARED, files[1 - rank], 0);
    char *from = aligned_alloc(page, slot_bytes), *to = aligned_alloc(page, slot_bytes);
    if (flags == MAP_FAILED || out == MAP_FAILED || in == MAP_FAILED || from == NULL || to == NULL) {
        perror("memory");
        return 1;
    }

    memset(from, 1, slot_bytes);
    memset(to, 2, slot_bytes);
    atomic_ulong *mine = (atomic_ulong *)(flags + rank * 512), *others = (atomic_ulong *)(flags + (1 - rank) * 512);
    unsigned long number = 0;
    double times[windows];
    for (int window = 0; window < windows; window++) {
        double start = now();
        for (int call = 0; call < calls; call++) {
            size_t slot = number % slots * slot_bytes;
            memcpy(out + slot, from, bytes);
            atomic_store_explicit(mine, ++number, memory_order_release);
            while (atomic_load_explicit(others, memory_order_acquire) < number) {
            }

            memcpy(to, in + slot, bytes);
        }

        times[window] = (now() - start) / calls;
    }

    if (rank == 0) {
        qsort(times, windows, sizeof times[0], compare);
        printf("%zu bytes, %s: %.0f ns\n", bytes, args[2], times[windows / 2]);
        wait(NULL);
    }

    return 0;
}
