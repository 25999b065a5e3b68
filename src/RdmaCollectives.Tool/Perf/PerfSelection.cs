using RdmaCollectives.Schedules;
using RdmaCollectives.Tool.CommandLine;
using RdmaCollectives.Tool.RawPerf;

namespace RdmaCollectives.Tool.Perf;

/// <summary>From names on the command line to runs.</summary>
internal static class PerfSelection
{
    /// <summary>In place of a collective: every one. In place of an algorithm: every one of the collective.</summary>
    public const string Every = "all";

    private static readonly string[] Everything = [.. PerfCollectives.Names, Every];

    /// <param name="collective">The name of a collective, or <see cref="Every"/>.</param>
    /// <param name="only">Of every collective only these, with commas between; null: all.</param>
    /// <param name="algorithms">Names with commas between, <see cref="Every"/>, or null: the library chooses.</param>
    /// <exception cref="ToolException">There is no such thing.</exception>
    public static IReadOnlyList<PerfRun> Runs(string? collective, string? only, string? algorithms)
    {
        bool every = collective == Every;
        if (only is not null && !every)
        {
            throw ToolException.BadArguments($"--collectives {only}: that is for 'perf all'; beside it name one collective.");
        }

        if (every && algorithms is not (null or Every or PerfResult.Auto))
        {
            throw ToolException.BadArguments($"--algorithm {algorithms}: with 'perf all' allowed are auto and all. Name one collective to choose its algorithms.");
        }

        IEnumerable<PerfCollective> chosen = !every ? [Find("perf", collective)] : only is null ? PerfCollectives.All : only.Split(',').Select(name => Find("--collectives", name));
        return [.. chosen.SelectMany(one => AlgorithmsOf(one, algorithms, every).Select(name => new PerfRun(one, name)))];
    }

    /// <summary>What is certain to be refused, said once and before any rank is started.</summary>
    /// <exception cref="ToolException">An algorithm does not do what is asked.</exception>
    public static void Check(PerfOptions options, int ranks)
    {
        options.CheckRoot(ranks);
        if (options.SkipRefused)
        {
            return;
        }

        foreach (PerfRun run in options.Runs)
        {
            if (run.Algorithm is not null && KnownSchedules.Find(run.Collective.Kind!.Value, run.Algorithm) is { } schedule && WhyNot(schedule, run, options, ranks) is { } reason)
            {
                throw ToolException.BadArguments($"{run.Collective.Name} --algorithm {run.Algorithm}: {reason}");
            }
        }
    }

    private static string? WhyNot(ISchedule schedule, PerfRun run, PerfOptions options, int ranks) =>
        !schedule.Traits.HasFlag(run.Collective.Traits) ? $"it takes blocks of one size only. There is {string.Join(", ", Names(run.Collective))}."
        : options.BitExact && !schedule.Traits.HasFlag(ScheduleTraits.FixedTree) ? "it does not reduce in the fixed tree, which --bit-exact asks for. Leave one of the two away."
        : !schedule.Supports(new Shape(ranks, options.Root, Channels: 1, LocalRanks: ranks)) ? $"it does not run with {ranks} ranks on one host. Take another number of ranks, or another algorithm."
        : null;

    private static PerfCollective Find(string option, string? name)
    {
        if (name is null)
        {
            throw ToolException.BadArguments($"perf needs to know what to measure; there is {string.Join(", ", Everything)}.");
        }

        return PerfCollectives.Find(name)
            ?? throw ToolException.BadArguments($"{option} {name}: there is no such collective; there is {string.Join(", ", Everything)}.{Suggestion.For(name, [.. Everything, .. RawTest.All.Select(test => test.Name)])}");
    }

    private static IEnumerable<string?> AlgorithmsOf(PerfCollective collective, string? algorithms, bool every)
    {
        if (algorithms is null or PerfResult.Auto || (every && collective.Kind is null))
        {
            return [null];
        }

        if (collective.Kind is null)
        {
            throw ToolException.BadArguments($"--algorithm {algorithms}: {collective.Name} has none to choose from. Leave it away.");
        }

        return algorithms == Every ? Names(collective) : algorithms.Split(',').Select(name => Known(collective, name));
    }

    private static string? Known(PerfCollective collective, string name)
    {
        string[] known = [.. KnownSchedules.For(collective.Kind!.Value).Select(schedule => schedule.Name), PerfResult.Auto];
        if (name == PerfResult.Auto)
        {
            return null;
        }

        if (!known.Contains(name, StringComparer.Ordinal))
        {
            throw ToolException.BadArguments($"--algorithm {name}: {collective.Name} has no such algorithm; it has {string.Join(", ", known)}.{Suggestion.For(name, known)}");
        }

        return name;
    }

    private static IEnumerable<string> Names(PerfCollective collective) => collective.Algorithms.Select(schedule => schedule.Name);
}
