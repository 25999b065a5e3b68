using System.CommandLine;
using Microsoft.Extensions.Logging;
using RdmaCollectives.Tool.CommandLine;
using RdmaCollectives.Tool.Launching;
using RdmaCollectives.Tool.Perf;
using RdmaCollectives.Tool.RawPerf;
using RdmaCollectives.Tool.Reports;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Tool.Commands;

/// <summary><c>rdmacc perf</c>: starts local ranks of itself, unless a launcher has started it; each rank then measures. Its commands are the raw tests.</summary>
internal static class PerfCommand
{
    private const int MostRanks = 1024;

    private static readonly string[] Types = [.. Enum.GetValues<DataType>().Select(type => type.ShortName())];

    private static readonly Argument<string?> Collective = new("collective") { Description = "What to measure: one of those that --list shows, or all.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<bool> List = new("--list") { Description = "List the collectives that can be measured, and their algorithms." };
    private static readonly Option<string?> Only = OptionKinds.Text("--collectives", [], "With all: only these, with commas between.", "NAMES");
    private static readonly Option<string?> Algorithm = OptionKinds.Text("--algorithm", ["--algorithms"], "How: auto, names of --list with commas between, or all, each measured in turn. [default: auto]", "NAMES");
    private static readonly Option<int?> Ranks = OptionKinds.Number("--ranks", [], 1, MostRanks, "Local ranks to start. [default: the processors of this host, at least 2]");
    private static readonly Option<BindMode?> Bind = BindOption.Make("Which processors a local rank may run on; ranks that a launcher has started stay where they are");
    private static readonly Option<string?> Transport = OptionKinds.Transports("--transport", "auto (the best present), or a list of shm, verbs, tcp with commas between: what the ranks may use. [default: RDMACC_TRANSPORTS, or auto]");
    private static readonly Option<string?> EachTransport = OptionKinds.Transports("--transports", "A list as well, and each is measured by itself. [default with all and --html: those of this host]");
    private static readonly Option<long?> Begin = OptionKinds.Bytes("--begin", ["-b"], "The smallest size. [default: 8]");
    private static readonly Option<long?> End = OptionKinds.Bytes("--end", ["-e"], "The largest size. [default: 64M; with all: 16M]");
    private static readonly Option<int?> Factor = OptionKinds.Number("--factor", ["-f"], 2, 1024, "Each size is this many times the last. [default: 2; with all: 4]");
    private static readonly Option<long?> Step = OptionKinds.Bytes("--step", ["-i"], "Each size is this many bytes more than the last, in place of a factor.");
    private static readonly Option<int?> Iterations = OptionKinds.Number("--iterations", ["-n"], 1, 1_000_000, "Timed calls per size. [default: 20]");
    private static readonly Option<int?> Warmups = OptionKinds.Number("--warmups", ["-w"], 0, 1_000_000, "Calls before them, at least; more until 300 ms have passed and times are steady within 10%. [default: 5]");
    private static readonly Option<DataType?> Type = OptionKinds.Word("--dtype", ["-d"], "Element type", Types, "float", text => DataTypes.TryParse(text, out DataType type) ? type : (DataType?)null);
    private static readonly Option<PerfReduction?> Operator = OptionKinds.Word("--op", ["-o"], "Reduction", PerfReduction.Names, "sum", PerfReduction.Parse);
    private static readonly Option<int?> Root = OptionKinds.Number("--root", ["-r"], 0, MostRanks - 1, "The root of reduce, broadcast, gather and scatter. [default: 0]");
    private static readonly Option<bool> Rotate = new("--rotate") { Description = "Each call another root, with sendrecv another distance, so that no rank runs ahead of the others." };
    private static readonly Option<bool> BitExact = new("--bit-exact") { Description = "Reduce in the fixed tree over the ranks: results that depend on nothing but input and ranks." };
    private static readonly Option<Placement?> Place = OptionKinds.Word("--in-place", [], "Whether results go over the input", ["both", "yes", "no"], "both; with all: no, where there is a choice", ParsePlacement);
    private static readonly Option<BufferKind?> Buffers = OptionKinds.Word("--buffers", [], "Ordinary memory, or buffers of the library's own", ["array", "allocate"], "array", ParseBuffers);
    private static readonly Option<int?> Check = OptionKinds.Number("--check", ["-c"], 0, 1, "Whether every result is compared with the exact one. [default: 1]");
    private static readonly Option<TimeSpan?> Timeout = OptionKinds.Seconds("--timeout", 0.001, 604_800, "The deadline of each call. [default: RDMACC_TIMEOUT, or 300]");
    private static readonly Option<string?> Json = OptionKinds.Text("--json", [], "Write one JSON object per size to a file; - is standard output, and the table then goes to standard error.", "FILE");
    private static readonly Option<string?> Html = OptionKinds.Text("--html", [], "Write a report with plots to a file: one page that needs no other file and no network.", "FILE");

    public static Command Make()
    {
        var command = new Command("perf", "Measures a collective, or all: time, bandwidth and exactness, in the columns of nccl-tests. Its commands measure raw verbs between two ends, as perftest.")
        {
            Collective, List, Only, Algorithm, Ranks, Bind, Transport, EachTransport, Begin, End, Factor, Step, Iterations, Warmups, Type, Operator, Root, Rotate, BitExact, Place, Buffers, Check, Timeout, Json, Html,
        };
        foreach (RawTest test in RawTest.All)
        {
            command.Add(new RawPerfCommand(test).Make());
        }

        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        if (parsed.GetValue(List))
        {
            PerfList.Show();
            return ExitCode.Success;
        }

        PerfOptions options = Read(parsed);
        RequireUse(parsed, options);
        string[] transports = TransportsOf(parsed);
        string? html = parsed.GetValue(Html);
        using ILoggerFactory? loggers = Verbosity.Loggers(parsed);
        int ranks = options.Ranks ?? Math.Max(2, Environment.ProcessorCount);
        if (Launched.IsRankZero)
        {
            OutputFile.Check(Html.Name, html);
        }

        if (Launched.IsLaunched || ranks == 1)
        {
            return PerfReport.Finish(PerfRank.Measure(options, loggers), html);
        }

        CheckHost(options, transports, ranks);
        return transports.Length == 0 && html is null
            ? Job.Run(new JobOptions { Command = ThisProgram.Again(), Ranks = ranks, Transports = options.Transports, Bind = parsed.GetValue(Bind) ?? BindMode.None, RankZeroOwnsOutput = true }, loggers)
            : new PerfSeries(parsed, options, ranks, parsed.GetValue(Bind) ?? BindMode.None, [Html.Name, EachTransport.Name, Transport.Name, Json.Name], loggers).Run(transports, html);
    }

    private static PerfOptions Read(ParseResult parsed)
    {
        bool all = parsed.GetValue(Collective) == PerfSelection.Every;
        DataType type = parsed.GetValue(Type) ?? DataType.Float32;
        long end = parsed.GetValue(End) ?? (all ? 16L << 20 : 64L << 20);
        long? step = parsed.GetValue(Step);
        return new PerfOptions
        {
            Runs = PerfSelection.Runs(parsed.GetValue(Collective), parsed.GetValue(Only), parsed.GetValue(Algorithm)),
            SkipRefused = all || parsed.GetValue(Algorithm) == PerfSelection.Every,
            Ranks = parsed.GetValue(Ranks),
            Transports = parsed.GetValue(Transport),
            Sizes = SizeList.Make(type, parsed.GetValue(Begin) ?? 8, end, parsed.GetValue(Factor) ?? (all && step is null ? 4 : null), step),
            Iterations = parsed.GetValue(Iterations) ?? 20,
            Warmups = parsed.GetValue(Warmups) ?? 5,
            DataType = type,
            Reduction = ReductionFor(type, parsed.GetValue(Operator) ?? new PerfReduction(ReduceOp.Sum)),
            Root = parsed.GetValue(Root) ?? 0,
            Rotate = parsed.GetValue(Rotate),
            BitExact = parsed.GetValue(BitExact),
            Placement = parsed.GetValue(Place) ?? (all ? Placement.OutOfPlace : Placement.Both),
            Buffers = parsed.GetValue(Buffers) ?? BufferKind.Array,
            Check = parsed.GetValue(Check) != 0,
            Timeout = parsed.GetValue(Timeout),
            Json = parsed.GetValue(Json),
        };
    }

    private static PerfReduction ReductionFor(DataType type, PerfReduction reduction)
    {
        string[] allowed = [.. PerfReduction.Names.Where(name => PerfReduction.Parse(name)!.Value.Op.AppliesTo(type))];
        return reduction.Op.AppliesTo(type) ? reduction : throw ToolException.BadArguments($"--op {reduction.ShortName}: allowed with {type.ShortName()} are {string.Join(", ", allowed)}.");
    }

    /// <summary>An option that has no effect on the one collective is a mistake; with all it concerns those that have use for it.</summary>
    private static void RequireUse(ParseResult parsed, PerfOptions options)
    {
        if (parsed.GetValue(Collective) == PerfSelection.Every)
        {
            return;
        }

        PerfCollective collective = options.Runs[0].Collective;
        string? problem = parsed.GetValue(Operator) is { } op && !collective.IsReducing ? $"--op {op.ShortName}: {collective.Name} reduces nothing."
            : options.Reduction.IsPreMultiplied && !collective.HasPreMultipliedSum ? $"--op {options.Reduction.ShortName}: {collective.Name} has no pre-multiplied sum."
            : options.BitExact && !collective.IsReducing ? $"--bit-exact: {collective.Name} reduces nothing."
            : parsed.GetValue(Root) is { } root && !collective.HasRoot ? $"--root {root}: {collective.Name} has no root."
            : options.Rotate && !collective.HasTurns ? $"--rotate: {collective.Name} has neither a root nor a distance."
            : parsed.GetValue(Place) is Placement.InPlace && collective.Forms == Forms.OutOfPlace ? $"--in-place yes: {collective.Name} has no in-place form."
            : parsed.GetValue(Place) is Placement.OutOfPlace && collective.Forms == Forms.InPlace ? $"--in-place no: {collective.Name} has one buffer and so only an in-place form."
            : null;
        if (problem is not null)
        {
            throw ToolException.BadArguments($"{problem} Leave the option away.");
        }
    }

    /// <summary>The transports to measure one after the other; none: once, with what the ranks choose.</summary>
    private static string[] TransportsOf(ParseResult parsed)
    {
        bool isReport = parsed.GetValue(Collective) == PerfSelection.Every && parsed.GetValue(Html) is not null && parsed.GetValue(Transport) is null;
        if (parsed.GetValue(EachTransport) is not { } each)
        {
            return !isReport ? [] : VerbsLibrary.IsSupported ? ["shm", "tcp", "verbs"] : ["shm", "tcp"];
        }

        string? problem = Launched.IsLaunched ? "ranks that a launcher has started stay as they are. Name one list with --transport, or start rdmacc without a launcher."
            : parsed.GetValue(Transport) is { } together ? $"beside --transport {together}: ranks use one list together, or each transport is measured by itself; give one of them."
            : null;
        return problem is null ? each.Split(',') : throw ToolException.BadArguments($"{EachTransport.Name} {each}: {problem}");
    }

    /// <summary>What every rank would find too, said once and before any is started.</summary>
    private static void CheckHost(PerfOptions options, string[] transports, int ranks)
    {
        if ((options.Transports == "verbs" || transports.Contains("verbs", StringComparer.Ordinal)) && VerbsLibrary.NotSupportedReason is { } reason)
        {
            throw new ToolException(ExitCode.NotSupported, $"{(transports.Length == 0 ? Transport.Name : EachTransport.Name)} verbs: {reason}");
        }

        string[] problems = [.. new CommunicatorOptions().Describe().Select(option => option.Problem).OfType<string>()];
        if (problems.Length > 0)
        {
            throw ToolException.BadArguments(string.Join(' ', problems));
        }

        PerfSelection.Check(options, ranks);
        MemoryNeed.Check(options, ranks);
        OutputFile.Check("--json", options.Json);
    }

    private static Placement? ParsePlacement(string text) => text switch
    {
        "both" => Placement.Both,
        "yes" => Placement.InPlace,
        "no" => Placement.OutOfPlace,
        _ => null,
    };

    private static BufferKind? ParseBuffers(string text) => text switch
    {
        "array" => BufferKind.Array,
        "allocate" => BufferKind.Allocate,
        _ => null,
    };
}
