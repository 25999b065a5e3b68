// Measures gloo's collectives over TCP as `rdmacc perf` measures ours (measure.h): float, sum. It starts its ranks itself; they find each other by files in a
// temporary folder.
//
//   gloo_peer -r RANKS -c all_reduce [-a ALGORITHM] [-b BYTES] [-e BYTES] [-f FACTOR] [-n CALLS] [-w CALLS]
//
// -a is for all_reduce: ring or bcube (gloo::allreduce), or halving_doubling (the older class, in place). reduce_scatter is the only one that gloo has,
// by halving and doubling and in place. What gloo keeps from call to call, buffers and plans, is made once per size.
#include "measure.h"

#include <gloo/allgather.h>
#include <gloo/allreduce.h>
#include <gloo/allreduce_halving_doubling.h>
#include <gloo/alltoall.h>
#include <gloo/broadcast.h>
#include <gloo/math.h>
#include <gloo/reduce_scatter.h>
#include <gloo/rendezvous/context.h>
#include <gloo/rendezvous/file_store.h>
#include <gloo/transport/tcp/device.h>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace {

std::shared_ptr<gloo::rendezvous::Context> context;
enum collective measured;
std::string algorithm = "ring";
int ranks = 2;
std::function<void(const struct call &)> run; // what prepare() has made for this size

// One rank that ends makes the starter end the others.
void fail(const char *what) {
    fprintf(stderr, "gloo_peer: %s\n", what);
    _exit(2);
}

bool isHalvingDoubling() { return measured == ALL_REDUCE && algorithm == "halving_doubling"; }

void prepareAllReduce(const struct call &c) {
    if (isHalvingDoubling()) {
        auto all = std::make_shared<gloo::AllreduceHalvingDoubling<float>>(context, std::vector<float *>{c.receive}, (int)c.total);
        run = [all](const struct call &) { all->run(); };
        return;
    }
    auto options = std::make_shared<gloo::AllreduceOptions>(context);
    options->setAlgorithm(algorithm == "bcube" ? gloo::AllreduceOptions::Algorithm::BCUBE : gloo::AllreduceOptions::Algorithm::RING);
    options->setInput(c.send, c.total);
    options->setOutput(c.receive, c.total);
    options->setReduceFunction(static_cast<void (*)(void *, const void *, const void *, size_t)>(&gloo::sum<float>));
    run = [options](const struct call &) { gloo::allreduce(*options); };
}

void prepareSendReceive(const struct call &c) {
    std::shared_ptr<gloo::transport::UnboundBuffer> send = context->createUnboundBuffer(c.send, c.total * sizeof(float));
    std::shared_ptr<gloo::transport::UnboundBuffer> receive = context->createUnboundBuffer(c.receive, c.total * sizeof(float));
    run = [send, receive](const struct call &turn) {
        receive->recv(turn.from, 0);
        send->send(turn.to, 0);
        receive->waitRecv();
        send->waitSend();
    };
}

void prepare(const struct call *one) {
    const struct call &c = *one;
    switch (measured) {
    case ALL_REDUCE:
        prepareAllReduce(c);
        break;
    case BROADCAST: {
        auto options = std::make_shared<gloo::BroadcastOptions>(context);
        options->setOutput(c.receive, c.total);
        run = [options](const struct call &turn) {
            options->setRoot(turn.root);
            gloo::broadcast(*options);
        };
        break;
    }
    case ALL_GATHER: {
        auto options = std::make_shared<gloo::AllgatherOptions>(context);
        options->setInput(c.send, c.block);
        options->setOutput(c.receive, c.total);
        run = [options](const struct call &) { gloo::allgather(*options); };
        break;
    }
    case REDUCE_SCATTER: {
        auto all = std::make_shared<gloo::ReduceScatterHalvingDoubling<float>>(
            context, std::vector<float *>{c.receive}, (int)c.total, std::vector<int>(context->size, (int)c.block));
        run = [all](const struct call &) { all->run(); };
        break;
    }
    case ALL_TO_ALL: {
        auto options = std::make_shared<gloo::AlltoallOptions>(context);
        options->setInput(c.send, c.total);
        options->setOutput(c.receive, c.total);
        run = [options](const struct call &) { gloo::alltoall(*options); };
        break;
    }
    default:
        prepareSendReceive(c);
    }
}

void callOnce(const struct call *c) { run(*c); }

void agree(double *values, long count, int is_sum) {
    gloo::AllreduceOptions options(context);
    options.setOutput(values, count);
    using Combine = void (*)(void *, const void *, const void *, size_t);
    options.setReduceFunction(is_sum ? static_cast<Combine>(&gloo::sum<double>) : static_cast<Combine>(&gloo::max<double>));
    options.setTag(1);
    gloo::allreduce(options);
}

void take(int option, const char *argument) {
    if (option == 'r')
        ranks = atoi(argument);
    else
        algorithm = argument;
}

// The rest of one rank's life.
int measureAsRank(struct program p, const struct options &o, const std::string &folder) {
    try {
        gloo::transport::tcp::attr attributes("127.0.0.1");
        auto device = gloo::transport::tcp::CreateDevice(attributes);
        gloo::rendezvous::FileStore store(folder);
        context = std::make_shared<gloo::rendezvous::Context>(p.rank, p.ranks);
        context->connectFullMesh(store, device);
        measure(&p, &o);
        run = nullptr;
        double all = 0;
        agree(&all, 1, 0); // nobody closes what another still reads from
        return 0;
    } catch (const std::exception &error) {
        fprintf(stderr, "gloo_peer: rank %d: %s\n", p.rank, error.what());
        return 1;
    }
}

// Ends the ranks that are left once one has failed.
int waitForAll(const std::vector<pid_t> &children) {
    int worst = 0;
    for (size_t ended = 0; ended < children.size(); ended++) {
        int status = 0;
        wait(&status);
        int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        if (code != 0 && worst == 0) {
            worst = code;
            for (pid_t child : children) kill(child, SIGKILL);
        }
    }
    return worst;
}

} // namespace

int main(int argc, char **argv) {
    struct program p = {};
    p.name = "gloo_peer";
    p.transport = "gloo";
    p.prepare = prepare;
    p.call = callOnce;
    p.agree = agree;
    p.fail = fail;
    struct options o = parse_options(&p, argc, argv, "r:a:", take);
    measured = o.collective;
    if (ranks < 2) fail("-r must be 2 or more");
    if (algorithm != "ring" && algorithm != "bcube" && algorithm != "halving_doubling") fail("-a must be ring, bcube or halving_doubling");
    p.ranks = ranks;
    p.in_place = isHalvingDoubling() || measured == REDUCE_SCATTER;
    p.algorithm = measured == ALL_REDUCE ? algorithm.c_str() : measured == REDUCE_SCATTER ? "halving_doubling" : "auto";

    std::string folder = (std::filesystem::temp_directory_path() / "gloo_peer.XXXXXX").string();
    if (!mkdtemp(folder.data())) fail("no temporary folder");
    std::vector<pid_t> children;
    for (p.rank = 0; p.rank < ranks; p.rank++) {
        pid_t child = fork();
        if (child == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            _exit(measureAsRank(p, o, folder));
        }
        children.push_back(child);
    }
    int code = waitForAll(children);
    std::filesystem::remove_all(folder);
    return code;
}
