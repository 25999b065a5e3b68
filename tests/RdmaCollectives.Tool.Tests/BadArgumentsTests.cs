namespace RdmaCollectives.Tool.Tests;

public class BadArgumentsTests
{
    [Theory]
    [InlineData("perf", "perf needs to know what to measure; there is all_reduce, reduce, broadcast, all_gather, all_gather_v, reduce_scatter, reduce_scatter_v, all_to_all, all_to_all_v, gather, scatter, sendrecv, barrier, group, all.")]
    [InlineData("perf allreduce", "perf allreduce: there is no such collective; there is all_reduce, reduce, broadcast, all_gather, all_gather_v, reduce_scatter, reduce_scatter_v, all_to_all, all_to_all_v, gather, scatter, sendrecv, barrier, group, all. Did you mean all_reduce?")]
    [InlineData("run -n 2 --bind cor -- true", "--bind cor: allowed are none, core, share. Did you mean core?")]
    [InlineData("perf all_reduce --bind cores", "--bind cores: allowed are none, core, share. Did you mean core?")]
    [InlineData("perf all_reduce --ranks 1000 --bind core -e 8", "--bind needs a processor for each rank: 1000 ranks, and ")]
    [InlineData("perf all_reduce --ranks 0", "--ranks 0: allowed are 1 to 1024.")]
    [InlineData("perf all_reduce --ranks -1", "--ranks -1: allowed are 1 to 1024.")]
    [InlineData("perf all_reduce --ranks two", "--ranks two: allowed are 1 to 1024.")]
    [InlineData("perf all_reduce --ranks", "--ranks")]
    [InlineData("perf all_reduce --rnks 2", "'--rnks' is not an option of perf. Did you mean --ranks?")]
    [InlineData("perf all_reduce --transport vebs", "--transport vebs: allowed are auto, or a list of shm, verbs, tcp with commas between. Did you mean verbs?")]
    [InlineData("perf all_reduce --transport auto,shm", "--transport auto,shm: allowed are auto, or a list")]
    [InlineData("perf all_reduce -d flaot", "allowed are int8, uint8, int32, uint32, int64, uint64, half, float, double, bfloat16, float8e4m3, float8e5m2, int16, uint16. Did you mean float?")]
    [InlineData("perf all_reduce -o sun", "allowed are sum, prod, min, max, avg, band, bor, bxor, premulsum. Did you mean sum?")]
    [InlineData("perf all_reduce -b 2", "-b 2: allowed are 4 (one element of float) to 64M")]
    [InlineData("perf all_reduce -b 1M -e 1K", "-b 1M: allowed are 4 (one element of float) to 1K")]
    [InlineData("perf all_reduce -e 64X", "64X: allowed are 1 to 1T bytes; K, M, G and T may follow the number")]
    [InlineData("perf all_reduce -f 1", "--factor 1: allowed are 2 to 1024.")]
    [InlineData("perf all_reduce -f 2 -i 8", "-f 2 and -i 8: sizes grow by a factor or by a step")]
    [InlineData("perf all_reduce -i 4 -e 1M", "more than 10000 sizes")]
    [InlineData("perf all_reduce -n 0", "--iterations 0: allowed are 1 to 1000000.")]
    [InlineData("perf all_reduce --check 2", "--check 2: allowed are 0 to 1.")]
    [InlineData("perf all_reduce --in-place maybe", "allowed are both, yes, no.")]
    [InlineData("perf all_reduce --buffers alocate", "Did you mean allocate?")]
    [InlineData("perf all_reduce --timeout 0", "--timeout 0: allowed are 0.001 to 604800 seconds.")]
    [InlineData("perf all_reduce -b 1T -e 1T", "-e 1T: 2 ranks need 2 buffers each, 4096.0 GiB in all")]
    [InlineData("perf all_reduce -o band -d float", "--op band: allowed with float are sum, prod, min, max, avg, premulsum.")]
    [InlineData("perf all_gather -o max", "--op max: all_gather reduces nothing. Leave the option away.")]
    [InlineData("perf all_gather --bit-exact", "--bit-exact: all_gather reduces nothing. Leave the option away.")]
    [InlineData("perf reduce_scatter_v -o premulsum", "--op premulsum: reduce_scatter_v has no pre-multiplied sum.")]
    [InlineData("perf all_reduce --rotate", "--rotate: all_reduce has neither a root nor a distance. Leave the option away.")]
    [InlineData("perf all_reduce --root 1", "--root 1: all_reduce has no root. Leave the option away.")]
    [InlineData("perf broadcast --root 4 --ranks 4", "--root 4: the ranks are 0 to 3.")]
    [InlineData("perf broadcast --root -1", "--root -1: allowed are 0 to 1023.")]
    [InlineData("perf sendrecv --in-place yes", "--in-place yes: sendrecv has no in-place form.")]
    [InlineData("perf broadcast --in-place no", "--in-place no: broadcast has one buffer and so only an in-place form.")]
    [InlineData("perf all_reduce --algorithm rng", "--algorithm rng: all_reduce has no such algorithm; it has ring, ")]
    [InlineData("perf all_reduce --algorithm ring,tre", "Did you mean tree?")]
    [InlineData("perf sendrecv --algorithm ring", "--algorithm ring: sendrecv has none to choose from.")]
    [InlineData("perf all_gather_v --algorithm pat", "all_gather_v --algorithm pat: it takes blocks of one size only. There is ring, ")]
    [InlineData("perf all_reduce --algorithm ring --bit-exact", "all_reduce --algorithm ring: it does not reduce in the fixed tree, which --bit-exact asks for.")]
    [InlineData("perf all --algorithm ring", "--algorithm ring: with 'perf all' allowed are auto and all.")]
    [InlineData("perf all --collectives all_reduce,brodcast", "--collectives brodcast: there is no such collective; there is ")]
    [InlineData("perf all_reduce --collectives reduce", "--collectives reduce: that is for 'perf all'")]
    [InlineData("perf all_reduce --transport shm --transports tcp", "--transports tcp: beside --transport shm: ")]
    [InlineData("perf all --transports shm,udp", "--transports shm,udp: allowed are auto, or a list of shm, verbs, tcp with commas between.")]
    [InlineData("perf all --html /nonexistent/x.html", "--html /nonexistent/x.html:")]
    [InlineData("perf all --ranks 1 --html /nonexistent/x.html", "--html /nonexistent/x.html:")]
    [InlineData("perf all --json - --transports shm", "--json -: the tables of several jobs go to standard output; with --html or --transports name a file.")]
    [InlineData("perf all_reduce --json /nonexistent/x.json", "--json /nonexistent/x.json:")]
    [InlineData("perf writ_bw", "perf writ_bw: there is no such collective; there is all_reduce, reduce, broadcast, all_gather, all_gather_v, reduce_scatter, reduce_scatter_v, all_to_all, all_to_all_v, gather, scatter, sendrecv, barrier, group, all. Did you mean write_bw?")]
    [InlineData("perf write_bw -n 2", "--iters 2: allowed are 5 to 10000000.")]
    [InlineData("perf write_bw -p 0", "--port 0: allowed are 1 to 65535.")]
    [InlineData("perf write_bw -m 1000", "--mtu 1000: allowed are 256, 512, 1024, 2048, 4096. Did you mean 1024?")]
    [InlineData("perf write_bw -s 1K -a", "--size 1K and --all: give one of them.")]
    [InlineData("perf write_bw -n 10 -D 5", "--duration 5 and --iters 10: a run ends by the clock or by a number of messages")]
    [InlineData("perf write_bw -l 300", "--post_list 300: more than the 128 messages that may be under way.")]
    [InlineData("perf write_bw -l 3 -n 1000", "--iters 1000: it must be a multiple of the 3 messages of a list (-l).")]
    [InlineData("perf write_bw -l 8 -Q 3", "--cq-mod 3: a list of 8 messages (-l) must be a multiple of it.")]
    [InlineData("perf write_bw --loopback node1", "node1 and --loopback: with --loopback both ends are here.")]
    [InlineData("perf write_bw --loopback -p 1234", "--port 1234: with --loopback the ends find each other.")]
    [InlineData("perf write_bw node1 --bind 127.0.0.1", "--bind 127.0.0.1: only a server listens.")]
    [InlineData("perf write_bw --bind nowhere", "--bind nowhere: that is no IP address")]
    [InlineData("perf write_bw --sise 3", "'--sise' is not an option of write_bw. Did you mean --size?")]
    [InlineData("perf write_lat -e", "'-e' is not an option of write_lat.")]
    [InlineData("perf atomic_bw -s 8", "'-s' is not an option of atomic_bw.")]
    [InlineData("perf write_bw node1 node2", "'node2' is not an argument of write_bw.")]
    [InlineData("perf write_bw --json /nonexistent/x.json", "--json /nonexistent/x.json:")]
    [InlineData("run", "run needs to know how many ranks: rdmacc run -n 4 -- program arguments")]
    [InlineData("run -n 2", "run needs a program: rdmacc run -n 4 -- program arguments")]
    [InlineData("run -n 2000 -- true", "--ranks 2000: allowed are 1 to 1024.")]
    [InlineData("run -n 2 --env =x -- true", "--env =x: a variable is set as NAME=VALUE.")]
    [InlineData("run -n 2 --grace -1 -- true", "--grace -1: allowed are 0 to 3600 seconds.")]
    [InlineData("prf", "'prf' is not a command of rdmacc. Did you mean perf?")]
    [InlineData("", "rdmacc needs a command: perf, run, schedule, inspect, devices, doctor, config.")]
    [InlineData("devices now", "'now' is not an argument of devices.")]
    [InlineData("doctor --only gidss", "--only gidss: there is no such check; there is configuration, shared-memory, ")]
    [InlineData("doctor --only numa,opn-files", "Did you mean open-files?")]
    [InlineData("doctor --skip nothing", "--skip nothing: there is no such check; there is ")]
    [InlineData("doctor --only numa --skip numa", "--skip numa: no check is left. Leave some in.")]
    [InlineData("doctor --ranks 1", "--ranks 1: allowed are 2 to 1024.")]
    [InlineData("doctor --matirx", "'--matirx' is not an option of doctor. Did you mean --matrix?")]
    [InlineData("doctor now", "'now' is not an argument of doctor.")]
    [InlineData("doctor --json /nonexistent/x.json", "--json /nonexistent/x.json:")]
    [InlineData("doctor --transport vebs --matrix", "Did you mean verbs?")]
    public void Arguments_Wrong_OneLineThatNamesTheRemedy(string arguments, string expected)
    {
        string ranks = arguments.Contains("1T", StringComparison.Ordinal) ? " --ranks 2" : "";
        ToolResult run = RunningTool.Run((arguments + ranks).Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.True(run.ExitCode == 2, run.ToString());
        Assert.Empty(run.Output);
        string line = Assert.Single(run.ErrorLines);
        Assert.StartsWith("rdmacc: ", line, StringComparison.Ordinal);
        Assert.Contains(expected, line, StringComparison.Ordinal);
    }

    [Fact]
    public void Perf_OptionInTheEnvironmentIsWrong_IsSaidOnce()
    {
        ToolResult run = RunningTool.Run([("RDMACC_SLOTS", "3")], "perf", "all_reduce", "--ranks", "2");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("RDMACC_SLOTS (Slots) is '3'; allowed: a power of two, 2 to 4096.", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
    }
}
