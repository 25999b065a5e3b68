using System.CommandLine;
using Microsoft.Extensions.Logging;
using RdmaCollectives.Tool.CommandLine;
using RdmaCollectives.Tool.Launching;
using RdmaCollectives.Tool.Perf;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Tool.Commands;

/// <summary><c>rdmacc perf</c>: starts local ranks of itself, unless a launcher has started it; each rank then measures.</summary>
internal static class PerfCommand
{
    private const int MostRanks = 1024;

    private static readonly string[] Collectives = ["all_reduce"];
    private static readonly string[] Types = [.. Enum.GetValues<DataType>().Select(type => type.ShortName())];
    private static readonly string[] Operators = [.. Enum.GetValues<ReduceOp>().Select(op => op.ShortName())];

    private static readonly Argument<string?> Collective = new("collective") { Description = "What to measure: all_reduce.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<bool> List = new("--list") { Description = "List the collectives that can be measured." };
    private static readonly Option<int?> Ranks = OptionKinds.Number("--ranks", [], 1, MostRanks, "Local ranks to start. [default: the processors of this host, at least 2]");
    private static readonly Option<string?> Transports = OptionKinds.Transports();
    private static readonly Option<long?> Begin = OptionKinds.Bytes("--begin", ["-b"], "The smallest size. [default: 8]");
    private static readonly Option<long?> End = OptionKinds.Bytes("--end", ["-e"], "The largest size. [default: 64M]");
    private static readonly Option<int?> Factor = OptionKinds.Number("--factor", ["-f"], 2, 1024, "Each size is this many times the last. [default: 2]");
    private static readonly Option<long?> Step = OptionKinds.Bytes("--step", ["-i"], "Each size is this many bytes more than the last, in place of a factor.");
    private static readonly Option<int?> Iterations = OptionKinds.Number("--iterations", ["-n"], 1, 1_000_000, "Timed calls per size. [default: 20]");
    private static readonly Option<int?> Warmups = OptionKinds.Number("--warmups", ["-w"], 0, 1_000_000, "Calls before them, at least; more until 300 ms have passed and times are steady within 10%. [default: 5]");
    private static readonly Option<DataType?> Type = OptionKinds.Word("--dtype", ["-d"], "Element type", Types, "float", text => DataTypes.TryParse(text, out DataType type) ? type : (DataType?)null);
    private static readonly Option<ReduceOp?> Operator = OptionKinds.Word("--op", ["-o"], "Reduction", Operators, "sum", text => ReduceOps.TryParse(text, out ReduceOp op) ? op : (ReduceOp?)null);
    private static readonly Option<Placement?> Place = OptionKinds.Word("--in-place", [], "Whether results go over the input", ["both", "yes", "no"], "both", ParsePlacement);
    private static readonly Option<BufferKind?> Buffers = OptionKinds.Word("--buffers", [], "Ordinary memory, or buffers of the library's own", ["array", "allocate"], "array", ParseBuffers);
    private static readonly Option<int?> Check = OptionKinds.Number("--check", ["-c"], 0, 1, "Whether every result is compared with the exact one. [default: 1]");
    private static readonly Option<TimeSpan?> Timeout = OptionKinds.Seconds("--timeout", 0.001, 604_800, "The deadline of each call. [default: RDMACC_TIMEOUT, or 300]");
    private static readonly Option<string?> Json = new("--json") { Description = "Write one JSON object per size to a file; - is standard output, and the table then goes to standard error.", HelpName = "FILE" };

    public static Command Make()
    {
        var command = new Command("perf", "Measures a collective: time, bandwidth and exactness, in the columns of nccl-tests.")
        {
            Collective, List, Ranks, Transports, Begin, End, Factor, Step, Iterations, Warmups, Type, Operator, Place, Buffers, Check, Timeout, Json,
        };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        if (parsed.GetValue(List))
        {
            Array.ForEach(Collectives, Console.WriteLine);
            return ExitCode.Success;
        }

        CheckCollective(parsed.GetValue(Collective));
        PerfOptions options = Read(parsed);
        using ILoggerFactory? loggers = Verbosity.Loggers(parsed);
        int ranks = options.Ranks ?? Math.Max(2, Environment.ProcessorCount);
        if (Launched.IsLaunched || ranks == 1)
        {
            return PerfRank.Run(options, loggers);
        }

        CheckHost(options, ranks);
        return Job.Run(new JobOptions { Command = ThisProgram.Again(), Ranks = ranks, Transports = options.Transports, RankZeroOwnsOutput = true }, loggers);
    }

    private static PerfOptions Read(ParseResult parsed)
    {
        DataType type = parsed.GetValue(Type) ?? DataType.Float32;
        return new PerfOptions
        {
            Ranks = parsed.GetValue(Ranks),
            Transports = parsed.GetValue(Transports),
            Sizes = SizeList.Make(type, parsed.GetValue(Begin) ?? 8, parsed.GetValue(End) ?? 64L << 20, parsed.GetValue(Factor), parsed.GetValue(Step)),
            Iterations = parsed.GetValue(Iterations) ?? 20,
            Warmups = parsed.GetValue(Warmups) ?? 5,
            DataType = type,
            ReduceOp = parsed.GetValue(Operator) ?? ReduceOp.Sum,
            Placement = parsed.GetValue(Place) ?? Placement.Both,
            Buffers = parsed.GetValue(Buffers) ?? BufferKind.Array,
            Check = parsed.GetValue(Check) != 0,
            Timeout = parsed.GetValue(Timeout),
            Json = parsed.GetValue(Json),
        };
    }

    private static void CheckCollective(string? name)
    {
        if (name is null || !Collectives.Contains(name, StringComparer.Ordinal))
        {
            string problem = name is null ? "perf needs to know what to measure" : $"perf {name}: there is no such collective";
            throw ToolException.BadArguments($"{problem}; there is {string.Join(", ", Collectives)}.{(name is null ? "" : Suggestion.For(name, Collectives))}");
        }
    }

    /// <summary>What every rank would find too, said once and before any is started.</summary>
    private static void CheckHost(PerfOptions options, int ranks)
    {
        if (options.Transports == "verbs" && VerbsLibrary.NotSupportedReason is { } reason)
        {
            throw new ToolException(ExitCode.NotSupported, $"--transport verbs: {reason}");
        }

        string[] problems = [.. new CommunicatorOptions().Describe().Select(option => option.Problem).OfType<string>()];
        if (problems.Length > 0)
        {
            throw ToolException.BadArguments(string.Join(' ', problems));
        }

        MemoryNeed.Check(options, ranks);
        if (options.Json is { } file and not "-")
        {
            JsonFile.Create(file).Dispose();
        }
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
