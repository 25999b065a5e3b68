/* Measures MPI's collectives as `rdmacc perf` measures ours (measure.h): float, sum, out of place where there is a choice. Built once with each MPI.
 *
 *   mpirun -n 2 mpi_peer -c all_reduce [-b BYTES] [-e BYTES] [-f FACTOR] [-n CALLS] [-w CALLS]
 */
#include "measure.h"

#include <mpi.h>
#include <stdio.h>

static enum collective collective;

/* Aborts all ranks; an MPI program that only returns leaves the others waiting. */
static void fail(const char *what) {
    fprintf(stderr, "mpi_peer: %s\n", what);
    MPI_Abort(MPI_COMM_WORLD, 2);
}

static void call(const struct call *c) {
    switch (collective) {
    case ALL_REDUCE:
        MPI_Allreduce(c->send, c->receive, (int)c->total, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
        break;
    case BROADCAST:
        MPI_Bcast(c->receive, (int)c->total, MPI_FLOAT, c->root, MPI_COMM_WORLD);
        break;
    case ALL_GATHER:
        MPI_Allgather(c->send, (int)c->block, MPI_FLOAT, c->receive, (int)c->block, MPI_FLOAT, MPI_COMM_WORLD);
        break;
    case REDUCE_SCATTER:
        MPI_Reduce_scatter_block(c->send, c->receive, (int)c->block, MPI_FLOAT, MPI_SUM, MPI_COMM_WORLD);
        break;
    case ALL_TO_ALL:
        MPI_Alltoall(c->send, (int)c->block, MPI_FLOAT, c->receive, (int)c->block, MPI_FLOAT, MPI_COMM_WORLD);
        break;
    default:
        MPI_Sendrecv(c->send, (int)c->total, MPI_FLOAT, c->to, 0, c->receive, (int)c->total, MPI_FLOAT, c->from, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    }
}

static void agree(double *values, long count, int is_sum) {
    MPI_Allreduce(MPI_IN_PLACE, values, (int)count, MPI_DOUBLE, is_sum ? MPI_SUM : MPI_MAX, MPI_COMM_WORLD);
}

int main(int argc, char **argv) {
    struct program p = {.name = "mpi_peer", .transport = "mpi", .algorithm = "auto", .call = call, .agree = agree, .fail = fail};
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &p.rank);
    MPI_Comm_size(MPI_COMM_WORLD, &p.ranks);
    struct options o = parse_options(&p, argc, argv, "", NULL);
    collective = o.collective;
    measure(&p, &o);
    MPI_Finalize();
    return 0;
}
