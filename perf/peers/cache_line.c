// How long a cache line takes from one processor to another: two threads, on processors 0 and 1, hand a counter to and fro.
// cc -O2 -pthread cache_line.c -o cache_line && ./cache_line
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

enum { rounds = 200000 };

static _Alignas(128) atomic_long counter;

static void pin(int processor)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

static void await_value(long value)
{
    while (atomic_load_explicit(&counter, memory_order_acquire) != value) {
    }
}

static void *answer(void *unused)
{
    pin(1);
    for (long i = 0; i < rounds; i++) {
        await_value(2 * i + 1);
        atomic_store_explicit(&counter, 2 * i + 2, memory_order_release);
    }
    return unused;
}

int main(void)
{
    pthread_t thread;
    struct timespec start, end;
    pin(0);
    pthread_create(&thread, NULL, answer, NULL);
    clock_gettime(CLOCK_MONOTONIC, &start);
    for (long i = 0; i < rounds; i++) {
        atomic_store_explicit(&counter, 2 * i + 1, memory_order_release);
        await_value(2 * i + 2);
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    double ns = (end.tv_sec - start.tv_sec) * 1e9 + (end.tv_nsec - start.tv_nsec);
    printf("one way %.0f ns\n", ns / rounds / 2);
    pthread_join(thread, NULL);
    return 0;
}
