using RdmaCollectives.Schedules;
using RdmaCollectives.Schedules.Json;
using RdmaCollectives.Tool.CommandLine;
using RdmaCollectives.Tool.Perf;

namespace RdmaCollectives.Tool.Schedules;

/// <summary>A schedule that the user named: a file of his own, or one of the library as <c>all_reduce/ring</c>.</summary>
/// <param name="Name">As the user wrote it.</param>
/// <param name="Schedule">The schedule.</param>
/// <param name="Listed">The shapes that a file has steps for; null: any.</param>
internal sealed record ScheduleTarget(string Name, ISchedule Schedule, IReadOnlyList<Shape>? Listed)
{
    /// <exception cref="ToolException">There is no such schedule, or the file is none.</exception>
    public static ScheduleTarget Find(string? name, string command)
    {
        if (name is null)
        {
            throw ToolException.BadArguments($"{command} needs a schedule: a JSON file, or one of the library as all_reduce/ring ('rdmacc schedule list').");
        }

        if (File.Exists(name))
        {
            JsonSchedule schedule = Load(name);
            return new ScheduleTarget(name, schedule, schedule.Shapes);
        }

        return ScheduleCatalog.All.FirstOrDefault(schedule => string.Equals(NameOf(schedule), name, StringComparison.Ordinal)) is { } found
            ? new ScheduleTarget(name, found, null)
            : throw ToolException.BadArguments($"{name}: there is neither such a file nor such a schedule; 'rdmacc schedule list' shows those of the library.{Suggestion.For(name, ScheduleCatalog.All.Select(NameOf))}");
    }

    /// <summary>The name of a schedule of the library: <c>all_reduce/ring</c>.</summary>
    public static string NameOf(ISchedule schedule) => $"{PerfCollectives.All.First(collective => collective.Kind == schedule.Collective).Name}/{schedule.Name}";

    private static JsonSchedule Load(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return JsonSchedule.Load(file);
        }
        catch (ScheduleException error)
        {
            throw Broken(path, error);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new ToolException(ExitCode.BadArguments, $"{path}: {error.Message} Name a file that can be read.", error);
        }
    }

    /// <summary>The shapes that were asked for.</summary>
    /// <param name="ranks">As the user said, else null: those of the file, or of <paramref name="ranksByDefault"/> ranks.</param>
    /// <param name="root">Likewise.</param>
    /// <param name="channels">Likewise.</param>
    /// <param name="localRanks">Likewise.</param>
    /// <param name="ranksByDefault">For schedules that have no shapes of their own.</param>
    /// <exception cref="ToolException">There is none.</exception>
    public IReadOnlyList<Shape> Shapes(int? ranks, int? root, int? channels, int? localRanks, int ranksByDefault)
    {
        if (Listed is not null)
        {
            Shape[] fitting = [.. Listed.Where(shape => (ranks ?? shape.Ranks) == shape.Ranks && (root ?? shape.Root) == shape.Root && (channels ?? shape.Channels) == shape.Channels && (localRanks ?? shape.LocalRanks) == shape.LocalRanks)];
            return fitting.Length > 0 ? fitting : throw ToolException.BadArguments($"{Name} has no steps for that shape; it has them for {string.Join("; ", Listed.Select(InWords))}.");
        }

        var asked = new Shape(ranks ?? ranksByDefault, root ?? 0, channels ?? 1, localRanks ?? 1);
        string? problem = asked.Root >= asked.Ranks ? $"--root {asked.Root}: the ranks are 0 to {asked.Ranks - 1}."
            : asked.Ranks % asked.LocalRanks != 0 ? $"--local-ranks {asked.LocalRanks}: each host has as many, so it must divide the {asked.Ranks} ranks."
            : !Schedule.Supports(asked) ? $"{Name} does not run with {InWords(asked)}: take other --ranks or --local-ranks."
            : null;
        return problem is null ? [asked] : throw ToolException.BadArguments(problem);
    }

    /// <summary>A broken rule as the one line that the user sees.</summary>
    public static ToolException Broken(string name, ScheduleException error)
    {
        string remedy = error.Rule switch
        {
            "json" => "docs/schedules.md describes the file.",
            "deadlock" => "Let each receive have its send earlier on the same channel, or declare more credits.",
            "hazard" => "Receive what tells that the memory is free before storing there, or store in scratch memory.",
            "traits" => "Leave the promise away, or keep it.",
            _ => "Mend that step, or what comes before it: 'rdmacc schedule show' lists all.",
        };
        return new ToolException(ExitCode.Failed, $"{name} breaks the rule {error.Rule}: {error.Message.TrimEnd('.')}. {remedy}", error);
    }

    public static string InWords(Shape shape) =>
        $"{shape.Ranks} rank{(shape.Ranks == 1 ? "" : "s")}" + (shape.Root == 0 ? "" : $", root {shape.Root}") + (shape.Channels == 1 ? "" : $", {shape.Channels} channels") + (shape.LocalRanks == 1 ? "" : $", {shape.LocalRanks} a host");
}
