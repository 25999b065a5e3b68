/* Two ranks, a reliable queue pair between them, and the few verbs that the programs here use. What fails ends the process, with words. */
#pragma once

#include <infiniband/verbs.h>
#include <stdint.h>

enum { RECEIVES = 256, SENDS = 256, INLINE_BYTES = 128 };

struct link {
    int rank, peer_socket;
    struct ibv_context *context;
    struct ibv_pd *domain;
    struct ibv_cq *queue;
    struct ibv_qp *pair;
    struct ibv_port_attr port;
    int gid_index;
    uint64_t posted, signalled, completed; /* requests of the send queue: all, up to the last signalled one, and up to the last that has told */
};

/* Memory that the peer writes to, or reads are sent from. */
struct region {
    char *at;
    struct ibv_mr *registration;
    uint64_t peer_address;
    uint32_t peer_key;
};

/* Rank 0 listens on the port of the loopback, rank 1 connects; the queue pairs go to RTS. */
void link_open(struct link *l, int rank, const char *device, int gid_index, int tcp_port);

/* Both ranks, in the same order. */
void link_share(struct link *l, struct region *r, void *at, long bytes);

/* The peer's bytes for these. */
void link_swap(struct link *l, const void *mine, void *theirs, long bytes);

/* One WRITE_WITH_IMM, inline where it is small. The last of a call is signalled, for link_drain; of the others every so many. */
void link_write(struct link *l, const struct region *from, long from_offset, const struct region *to, long to_offset, long bytes, uint32_t immediate, int is_last);

/* The immediate of the next message that arrives. Completions of sends are taken on the way. */
uint32_t link_next(struct link *l);

/* Until all writes up to the last signalled one have completed: what they came from may be written again. */
void link_drain(struct link *l);

_Noreturn void die(const char *what);
