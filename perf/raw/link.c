#include "link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { SIGNAL_EVERY = 16, POLLS_BEFORE_YIELD = 16, CONNECT_SECONDS = 60, IB_PORT = 1 };

struct end {
    union ibv_gid gid;
    uint32_t pair, sequence, mtu;
    uint16_t lid;
};

_Noreturn void die(const char *what) {
    fprintf(stderr, "raw: %s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
    exit(1);
}

static void meet(struct link *l, int tcp_port) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)tcp_port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int yes = 1, tries = CONNECT_SECONDS * 20, s = socket(AF_INET, SOCK_STREAM, 0);
    if (s < 0) die("socket");
    if (l->rank == 0) {
        setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        if (bind(s, (struct sockaddr *)&at, sizeof at) || listen(s, 1)) die("cannot listen");
        l->peer_socket = accept(s, NULL, NULL);
        close(s);
    } else {
        while (connect(s, (struct sockaddr *)&at, sizeof at)) {
            struct timespec pause = {.tv_nsec = 50000000};
            if (--tries == 0) die("rank 0 is not there");
            nanosleep(&pause, NULL);
            close(s);
            s = socket(AF_INET, SOCK_STREAM, 0);
        }
        l->peer_socket = s;
    }
    if (l->peer_socket < 0) die("accept");
    setsockopt(l->peer_socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

void link_swap(struct link *l, const void *mine, void *theirs, long bytes) {
    if (write(l->peer_socket, mine, bytes) != bytes) die("write to the other rank");
    for (long got = 0; got < bytes;) {
        long n = read(l->peer_socket, (char *)theirs + got, bytes - got);
        if (n <= 0) die("read from the other rank");
        got += n;
    }
}

static struct ibv_context *open_device(const char *name) {
    struct ibv_device **all = ibv_get_device_list(NULL);
    for (int i = 0; all && all[i]; i++)
        if (!strcmp(name, ibv_get_device_name(all[i]))) return ibv_open_device(all[i]);
    return NULL;
}

static void post_receives(struct link *l, int count) {
    struct ibv_recv_wr request = {0}, *bad;
    for (int i = 0; i < count; i++)
        if (ibv_post_recv(l->pair, &request, &bad)) die("ibv_post_recv");
}

static void connect_pair(struct link *l) {
    struct end mine = {.pair = l->pair->qp_num, .sequence = (uint32_t)(getpid() & 0xffffff), .lid = l->port.lid, .mtu = l->port.active_mtu}, theirs;
    if (l->gid_index >= 0 && ibv_query_gid(l->context, IB_PORT, l->gid_index, &mine.gid)) die("ibv_query_gid");
    struct ibv_qp_attr init = {.qp_state = IBV_QPS_INIT, .port_num = IB_PORT, .qp_access_flags = IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_REMOTE_WRITE};
    if (ibv_modify_qp(l->pair, &init, IBV_QP_STATE | IBV_QP_PKEY_INDEX | IBV_QP_PORT | IBV_QP_ACCESS_FLAGS)) die("to INIT");
    post_receives(l, RECEIVES);
    link_swap(l, &mine, &theirs, sizeof mine);
    struct ibv_qp_attr ready = {
        .qp_state = IBV_QPS_RTR,
        .path_mtu = mine.mtu < theirs.mtu ? mine.mtu : theirs.mtu,
        .dest_qp_num = theirs.pair,
        .rq_psn = theirs.sequence,
        .max_dest_rd_atomic = 1,
        .min_rnr_timer = 12,
        .ah_attr = {.dlid = theirs.lid, .port_num = IB_PORT, .is_global = l->gid_index >= 0},
    };
    if (l->gid_index >= 0) {
        ready.ah_attr.grh = (struct ibv_global_route){.dgid = theirs.gid, .sgid_index = (uint8_t)l->gid_index, .hop_limit = 64};
    }
    if (ibv_modify_qp(l->pair, &ready, IBV_QP_STATE | IBV_QP_AV | IBV_QP_PATH_MTU | IBV_QP_DEST_QPN | IBV_QP_RQ_PSN | IBV_QP_MAX_DEST_RD_ATOMIC | IBV_QP_MIN_RNR_TIMER))
        die("to RTR");
    struct ibv_qp_attr send = {.qp_state = IBV_QPS_RTS, .timeout = 16, .retry_cnt = 6, .rnr_retry = 0, .sq_psn = mine.sequence, .max_rd_atomic = 1};
    if (ibv_modify_qp(l->pair, &send, IBV_QP_STATE | IBV_QP_TIMEOUT | IBV_QP_RETRY_CNT | IBV_QP_RNR_RETRY | IBV_QP_SQ_PSN | IBV_QP_MAX_QP_RD_ATOMIC)) die("to RTS");
    link_swap(l, &mine, &theirs, sizeof mine); /* nobody writes before both are there */
}

void link_open(struct link *l, int rank, const char *device, int gid_index, int tcp_port) {
    memset(l, 0, sizeof *l);
    l->rank = rank, l->gid_index = gid_index;
    meet(l, tcp_port);
    if (!(l->context = open_device(device))) die("there is no such device");
    if (ibv_query_port(l->context, IB_PORT, &l->port)) die("ibv_query_port");
    if (!(l->domain = ibv_alloc_pd(l->context))) die("ibv_alloc_pd");
    if (!(l->queue = ibv_create_cq(l->context, RECEIVES + SENDS, NULL, NULL, 0))) die("ibv_create_cq");
    struct ibv_qp_init_attr attributes = {
        .send_cq = l->queue,
        .recv_cq = l->queue,
        .qp_type = IBV_QPT_RC,
        .cap = {.max_send_wr = SENDS, .max_recv_wr = RECEIVES, .max_send_sge = 1, .max_recv_sge = 1, .max_inline_data = INLINE_BYTES},
    };
    if (!(l->pair = ibv_create_qp(l->domain, &attributes))) die("ibv_create_qp");
    connect_pair(l);
}

void link_share(struct link *l, struct region *r, void *at, long bytes) {
    r->at = at;
    if (!(r->registration = ibv_reg_mr(l->domain, at, bytes, IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_REMOTE_WRITE))) die("ibv_reg_mr");
    struct {
        uint64_t address;
        uint32_t key, zero;
    } mine = {(uintptr_t)at, r->registration->rkey, 0}, theirs;
    link_swap(l, &mine, &theirs, sizeof mine);
    r->peer_address = theirs.address, r->peer_key = theirs.key;
}

/* 1 and the immediate where a message arrived, 0 where a write has completed, -1 where there is nothing. */
static int take(struct link *l, uint32_t *immediate) {
    struct ibv_wc completion;
    int count = ibv_poll_cq(l->queue, 1, &completion);
    if (count == 0) return -1;
    if (count < 0) die("ibv_poll_cq");
    if (completion.status != IBV_WC_SUCCESS) {
        errno = 0;
        die(ibv_wc_status_str(completion.status));
    }
    if (completion.opcode != IBV_WC_RECV_RDMA_WITH_IMM) {
        l->completed = completion.wr_id;
        return 0;
    }
    *immediate = ntohl(completion.imm_data);
    post_receives(l, 1);
    return 1;
}

/* Messages that came while a write was waited for. There are never more than receives. */
static uint32_t early[RECEIVES];
static unsigned early_first, early_count;

static void rest(unsigned *polls) {
    if (++*polls % POLLS_BEFORE_YIELD == 0) sched_yield(); /* pollers that never yield starve a software device */
}

uint32_t link_next(struct link *l) {
    uint32_t immediate;
    unsigned polls = 0;
    if (early_count) {
        immediate = early[early_first++ % RECEIVES];
        early_count--;
        return immediate;
    }
    while (take(l, &immediate) != 1) rest(&polls);
    return immediate;
}

static void wait_for_writes(struct link *l, uint64_t until) {
    unsigned polls = 0;
    while (l->completed < until) {
        uint32_t immediate;
        int what = take(l, &immediate);
        if (what == 1) {
            if (early_count == RECEIVES) die("too many messages came early");
            early[(early_first + early_count++) % RECEIVES] = immediate;
        } else if (what < 0) {
            rest(&polls);
        }
    }
}

void link_write(struct link *l, const struct region *from, long from_offset, const struct region *to, long to_offset, long bytes, uint32_t immediate, int is_last) {
    if (l->posted - l->completed >= SENDS - 1) wait_for_writes(l, l->signalled);
    struct ibv_sge element = {.addr = (uintptr_t)from->at + from_offset, .length = (uint32_t)bytes, .lkey = from->registration->lkey};
    l->posted++;
    int is_signalled = is_last || l->posted % SIGNAL_EVERY == 0;
    if (is_signalled) l->signalled = l->posted;
    struct ibv_send_wr request = {
        .wr_id = l->posted,
        .sg_list = &element,
        .num_sge = 1,
        .opcode = IBV_WR_RDMA_WRITE_WITH_IMM,
        .send_flags = (is_signalled ? IBV_SEND_SIGNALED : 0) | (bytes <= INLINE_BYTES ? IBV_SEND_INLINE : 0),
        .imm_data = htonl(immediate),
        .wr.rdma = {.remote_addr = to->peer_address + to_offset, .rkey = to->peer_key},
    }, *bad;
    if (ibv_post_send(l->pair, &request, &bad)) die("ibv_post_send");
}

void link_drain(struct link *l) { wait_for_writes(l, l->signalled); }
