using System.CommandLine;
using System.Net;
using System.Text.Json;
using RdmaCollectives.Tool.CommandLine;
using RdmaCollectives.Tool.RawPerf;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Tool.Commands;

/// <summary><c>rdmacc perf write_bw</c> and its like: raw measurements between two ends, with the options and columns of perftest. Each test is a command, with the options that mean something to it.</summary>
internal sealed class RawPerfCommand
{
    private const int MostIterations = 10_000_000;
    private const int MostDepth = 15_000;
    private const int MostModeration = 1024;
    private const int MostQueuePairs = 1024;
    private const int MostInlineByteCount = 4096;

    /// <summary>Larger messages complete one by one, as in perftest (MSG_SIZE_CQ_MOD_LIMIT).</summary>
    private const long MostModeratedByteCount = 8192;

    private const int DefaultTxDepth = 128;
    private const int DefaultRxDepth = 512;
    private const int DefaultModeration = 100;
    private const int PerftestPort = 18515;

    /// <summary>As perftest: 2 to 8M.</summary>
    private static readonly long[] s_allSizes = [.. Enumerable.Range(1, 23).Select(power => 1L << power)];

    private static readonly string[] s_mtus = ["256", "512", "1024", "2048", "4096"];

    private readonly RawTest _test;
    private readonly Argument<string?> _server = new("server") { Description = "The host where the server runs. Without it this end is the server.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> _loopback = new("--loopback") { Description = "Both ends in this process, on one device: a quick look, of a device that talks to itself." };
    private readonly Option<int?> _port = OptionKinds.Number("--port", ["-p"], 1, IPEndPoint.MaxPort, $"The TCP port by which the two ends meet. [default: {PerftestPort}]");
    private readonly Option<IPAddress?> _bind = OptionKinds.Make<IPAddress?>("--bind", [], "The address that a server listens on. [default: all of this host]", "ADDRESS", (text, result) =>
    {
        if (IPAddress.TryParse(text, out IPAddress? address))
        {
            return address;
        }

        result.AddError($"--bind {text}: that is no IP address; name one of this host, as in --bind 10.0.0.1.");
        return null;
    });

    private readonly Option<string?> _device = OptionKinds.Text("--ib-dev", ["-d"], "The RDMA device. [default: the first that could do it]", "DEVICE");
    private readonly Option<int?> _ibPort = OptionKinds.Number("--ib-port", ["-i"], 1, byte.MaxValue, "Its port. [default: 1]");
    private readonly Option<int?> _gidIndex = OptionKinds.Number("--gid-index", ["-x"], 0, byte.MaxValue, "The index of its GID. [default: the one that rdmacc devices marks]");
    private readonly Option<long?> _size = OptionKinds.Bytes("--size", ["-s"], "Bytes of a message. [default: 65536; latency: 2]");
    private readonly Option<bool> _all = new("--all", "-a") { Description = "All sizes from 2 to 8M, each twice the last." };
    private readonly Option<int?> _iterations;
    private readonly Option<int?> _duration = OptionKinds.Number("--duration", ["-D"], 1, 86_400, "Seconds to run each size, in place of a number of messages; the first and the last quarter are not counted.");
    private readonly Option<int?> _txDepth = OptionKinds.Number("--tx-depth", ["-t"], 1, MostDepth, $"Messages of a queue pair that are under way. [default: {DefaultTxDepth}]");
    private readonly Option<int?> _rxDepth = OptionKinds.Number("--rx-depth", ["-r"], 1, MostDepth, $"Receives of a queue pair that are posted. [default: {DefaultRxDepth}]");
    private readonly Option<int?> _queuePairs = OptionKinds.Number("--qp", ["-q"], 1, MostQueuePairs, "Queue pairs. [default: 1]");
    private readonly Option<int?> _postList = OptionKinds.Number("--post_list", ["-l"], 1, MostDepth, "Messages that one call posts, as a list. [default: 1]");
    private readonly Option<int?> _moderation = OptionKinds.Number("--cq-mod", ["-Q"], 1, MostModeration,
        $"Every so many messages one gives a completion. [default: {DefaultModeration}, with -l its number; 1 where -s is more than {MostModeratedByteCount}]");

    private readonly Option<bool> _bidirectional = new("--bidirectional", "-b") { Description = "Both ends send; the figures are the sum." };
    private readonly Option<int?> _inline = OptionKinds.Number("--inline_size", ["-I"], 0, MostInlineByteCount, "Messages up to so many bytes go inline. [default: 0; write_lat: 220, send_lat: 236, where the device takes it]");
    private readonly Option<PathMtu?> _mtu = OptionKinds.Word<PathMtu>("--mtu", ["-m"], "The largest payload of a packet", s_mtus, "the smaller of both ports", ParseMtu);
    private readonly Option<bool> _events = new("--events", "-e") { Description = "Sleep until the device tells of a completion, in place of polling." };
    private readonly Option<bool> _gigabits = new("--report_gbits") { Description = "Bandwidth in 1e9 bits per second, in place of 2^20 bytes." };
    private readonly Option<TimeSpan?> _timeout = OptionKinds.Seconds("--timeout", 0.1, 86_400, "The longest wait for the other end, or for anything to move. [default: 30; a server waits an hour for its client]");
    private readonly Option<string?> _json = OptionKinds.Text("--json", [], "Write one JSON object per size to a file; - is standard output, and the table then goes to standard error.", "FILE");

    public RawPerfCommand(RawTest test)
    {
        _test = test;
        _iterations = OptionKinds.Number("--iters", ["-n"], LatencyFigures.LeastTimes, MostIterations, $"Messages of each queue pair and size. [default: {test.DefaultIterations}]");
    }

    public Command Make()
    {
        var command = new Command(_test.Name,
            $"Raw verbs, as ib_{_test.Name}: {_test.Summary}. Start it on one host without a server's name, then on the other with it. The two meet over a TCP connection that is neither authenticated nor encrypted: use it on a trusted network.")
        {
            _server, _loopback, _port, _bind, _device, _ibPort, _gidIndex, _iterations, _mtu, _timeout, _json,
        };
        Option[] further =
        [
            .. Where<Option>(_test.HasSizes, _size, _all),
            .. Where<Option>(_test.IsBandwidth, _duration, _txDepth, _queuePairs, _postList, _moderation, _bidirectional, _gigabits),
            .. Where<Option>(_test.Verb == RawVerb.Send, _rxDepth),
            .. Where<Option>(_test.HasInline, _inline),
            .. Where<Option>(_test.HasEvents, _events),
        ];
        foreach (Option option in further)
        {
            command.Add(option);
        }

        _server.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: ['-', ..] option }])
            {
                result.AddError(UsageError.Unknown(option, command));
            }
        });
        command.SetAction(Run);
        return command;

        static T[] Where<T>(bool condition, params T[] options) => condition ? options : [];
    }

    private int Run(ParseResult parsed)
    {
        RawOptions options = Read(parsed);
        string? server = parsed.GetValue(_server), jsonFile = parsed.GetValue(_json);
        bool loopback = parsed.GetValue(_loopback);
        CheckPlace(parsed, server, loopback);
        using TextWriter? json = jsonFile is null ? null : jsonFile == "-" ? Console.Out : OutputFile.Create(_json.Name, jsonFile);
        var table = new RawTable(jsonFile == "-" ? Console.Error : Console.Out, _test, parsed.GetValue(_gigabits));
        int port = parsed.GetValue(_port) ?? PerftestPort;
        void Report(long size, RawResult? result)
        {
            table.Add(size, result);
            if (result is not null && json is not null)
            {
                json.WriteLine(JsonSerializer.Serialize(result, RawJson.Default.RawResult));
                json.Flush();
            }
        }

        if (loopback)
        {
            RawRun.Both(options, table.Begin, Report);
        }
        else if (server is not null)
        {
            RawRun.Join(options, server, port, table.Begin, Report);
        }
        else
        {
            RawRun.Serve(options, parsed.GetValue(_bind) ?? AnyAddress(), port, parsed.GetValue(_timeout) ?? RawOptions.ServerPatience,
                place => table.Comment($"waiting for the client on {place}: rdmacc perf {_test.Name} <this host>"), table.Begin, Report);
        }

        return ExitCode.Success;
    }

    private static IPAddress AnyAddress() => System.Net.Sockets.Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;

    private RawOptions Read(ParseResult parsed)
    {
        long? size = parsed.GetValue(_size);
        bool all = parsed.GetValue(_all);
        int? duration = parsed.GetValue(_duration), iterations = parsed.GetValue(_iterations), list = parsed.GetValue(_postList);
        string? problem = all && size is not null ? $"--size {ByteSize.Format(size.Value)} and --all: give one of them."
            : duration is not null && iterations is not null ? $"--duration {duration} and --iters {iterations}: a run ends by the clock or by a number of messages; give one of them."
            : null;
        int messages = iterations ?? _test.DefaultIterations;
        // Deeper than there are messages makes no difference but memory, as in perftest.
        int most = duration is null ? messages : MostDepth;
        int depth = !_test.IsBandwidth ? 1 : Math.Min(parsed.GetValue(_txDepth) ?? DefaultTxDepth, most);
        bool isLarge = !all && (size ?? _test.DefaultSize) > MostModeratedByteCount && !parsed.GetValue(_events);
        int moderation = Math.Min(parsed.GetValue(_moderation) ?? (list > 1 ? list.Value : isLarge ? 1 : DefaultModeration), depth);
        problem ??= list > depth ? $"--post_list {list}: more than the {depth} messages that may be under way. Take a shorter list or a greater --tx-depth."
            : list > 1 && list % moderation != 0 ? $"--cq-mod {moderation}: a list of {list} messages (-l) must be a multiple of it."
            : list > 1 && duration is null && messages % list != 0 ? $"--iters {messages}: it must be a multiple of the {list} messages of a list (-l)."
            : null;
        return problem is not null ? throw ToolException.BadArguments(problem) : new RawOptions
        {
            Test = _test,
            Sizes = all ? s_allSizes : [size ?? _test.DefaultSize],
            Iterations = messages,
            TxDepth = depth,
            RxDepth = _test.Verb == RawVerb.Send ? Math.Min(parsed.GetValue(_rxDepth) ?? DefaultRxDepth, most) : 1,
            QueuePairs = parsed.GetValue(_queuePairs) ?? 1,
            InlineByteCount = parsed.GetValue(_inline),
            PostList = list ?? 1,
            CqModeration = moderation,
            IsBidirectional = parsed.GetValue(_bidirectional),
            Duration = duration is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            UsesEvents = parsed.GetValue(_events),
            Device = parsed.GetValue(_device),
            Port = parsed.GetValue(_ibPort) ?? 1,
            GidIndex = parsed.GetValue(_gidIndex),
            Mtu = parsed.GetValue(_mtu),
            Timeout = parsed.GetValue(_timeout) ?? RawOptions.DefaultTimeout,
        };
    }

    /// <summary>Options of one role given to another.</summary>
    private void CheckPlace(ParseResult parsed, string? server, bool loopback)
    {
        string? problem = loopback && server is not null ? $"{server} and --loopback: with --loopback both ends are here. Leave one away."
            : loopback && parsed.GetValue(_port) is { } port ? $"--port {port}: with --loopback the ends find each other. Leave it away."
            : (loopback || server is not null) && parsed.GetValue(_bind) is { } bind ? $"--bind {bind}: only a server listens. Leave it away."
            : null;
        if (problem is not null)
        {
            throw ToolException.BadArguments(problem);
        }
    }

    private static PathMtu? ParseMtu(string text) => Array.IndexOf(s_mtus, text) is >= 0 and var index ? PathMtu.Bytes256 + index : null;
}
