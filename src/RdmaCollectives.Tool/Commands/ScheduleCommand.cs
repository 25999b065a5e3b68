using System.CommandLine;
using RdmaCollectives.Schedules;
using RdmaCollectives.Schedules.Drawing;
using RdmaCollectives.Schedules.Json;
using RdmaCollectives.Schedules.Verification;
using RdmaCollectives.Tool.CommandLine;
using RdmaCollectives.Tool.Schedules;

namespace RdmaCollectives.Tool.Commands;

/// <summary><c>rdmacc schedule</c>: proves, lists, shows and draws schedules, the library's and the user's own.</summary>
internal static class ScheduleCommand
{
    private const int MostRanks = 10_000;
    private const int MostChannels = 256;

    /// <summary>Rows and columns of a picture; more would be neither readable nor opened by a browser.</summary>
    private const int MostDrawnSteps = 20_000;

    private static readonly Argument<string?> Schedule = new("schedule") { Description = "A JSON file, or a schedule of the library as all_reduce/ring.", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<int?> Ranks = OptionKinds.Number("--ranks", ["-n"], 1, MostRanks, "The number of ranks. [default: those of the file; of the library's schedules 8, to show and draw 4]");
    private static readonly Option<int?> Root = OptionKinds.Number("--root", ["-r"], 0, MostRanks - 1, "The root rank. [default: those of the file, or 0]");
    private static readonly Option<int?> Channels = OptionKinds.Number("--channels", [], 1, MostChannels, "Channels side by side. [default: those of the file, or 1]");
    private static readonly Option<int?> LocalRanks = OptionKinds.Number("--local-ranks", [], 1, MostRanks, "Ranks on each host. [default: those of the file, or 1]");
    private static readonly Option<bool> Json = new("--json") { Description = "The steps as a JSON file, to begin one's own with." };
    private static readonly Option<string?> Output = OptionKinds.Text("--output", ["-o"], "The file to write. [default: standard output]", "FILE");

    public static Command Make()
    {
        var list = new Command("list", "Lists the schedules of the library with their costs, proved on the spot.") { Ranks, LocalRanks };
        list.SetAction(List);
        var show = new Command("show", "Prints the steps of a schedule, rank by rank.") { Schedule, Ranks, Root, Channels, LocalRanks, Json };
        show.SetAction(Show);
        var verify = new Command("verify", "Proves a schedule: result, order, hazards, credits, traits. Exit code 1 with the rule, rank and step that break it.") { Schedule, Ranks, Root, Channels, LocalRanks };
        verify.SetAction(Verify);
        var draw = new Command("draw", "Draws a schedule as an SVG picture: readable up to about 8 ranks.") { Schedule, Ranks, Root, Channels, LocalRanks, Output };
        draw.SetAction(Draw);
        return new Command("schedule", "Proves, lists, shows and draws schedules: the algorithms of the library, and JSON files of your own.") { list, show, verify, draw };
    }

    private static int List(ParseResult parsed)
    {
        int ranks = parsed.GetValue(Ranks) ?? 8, localRanks = parsed.GetValue(LocalRanks) ?? 1;
        if (ranks % localRanks != 0)
        {
            throw ToolException.BadArguments($"--local-ranks {localRanks}: each host has as many, so it must divide the {ranks} ranks.");
        }

        var table = new ScheduleTable();
        var shape = new Shape(ranks, LocalRanks: localRanks);
        foreach (ISchedule schedule in ScheduleCatalog.All)
        {
            string name = ScheduleTarget.NameOf(schedule);
            if (schedule.Supports(shape))
            {
                table.Add(name, shape, Prove(name, schedule, shape));
            }
            else
            {
                table.AddMissing(name, shape);
            }
        }

        table.Show();
        return ExitCode.Success;
    }

    private static int Verify(ParseResult parsed)
    {
        (ScheduleTarget target, IReadOnlyList<Shape> shapes) = Find(parsed, "schedule verify", ranksByDefault: 8);
        var table = new ScheduleTable();
        foreach (Shape shape in shapes)
        {
            table.Add(target.Name, shape, Prove(target.Name, target.Schedule, shape));
        }

        table.Show();
        return ExitCode.Success;
    }

    private static int Show(ParseResult parsed)
    {
        (ScheduleTarget target, IReadOnlyList<Shape> shapes) = Find(parsed, "schedule show", ranksByDefault: 4);
        if (parsed.GetValue(Json))
        {
            using Stream output = Console.OpenStandardOutput();
            JsonSchedule.Write(target.Schedule, shapes, output);
            return ExitCode.Success;
        }

        foreach (Shape shape in shapes)
        {
            ISchedule schedule = target.Schedule;
            Console.WriteLine($"# {target.Name}, {ScheduleTarget.InWords(shape)}: chunks {schedule.ChunkCount(shape)}, credits {schedule.MinimumCredits(shape)}, traits {schedule.Traits}");
            for (int rank = 0; rank < shape.Ranks; rank++)
            {
                Console.WriteLine($"rank {rank}");
                for (int step = 0; step < schedule.StepCount(shape, rank); step++)
                {
                    Console.WriteLine($"{step,5}  {schedule.GetStep(shape, rank, step)}");
                }
            }
        }

        return ExitCode.Success;
    }

    private static int Draw(ParseResult parsed)
    {
        (ScheduleTarget target, IReadOnlyList<Shape> shapes) = Find(parsed, "schedule draw", ranksByDefault: 4);
        Shape shape = shapes.Count == 1
            ? shapes[0]
            : throw ToolException.BadArguments($"{target.Name} has several shapes: {string.Join("; ", shapes.Select(ScheduleTarget.InWords))}. Choose one with --ranks, --root, --channels or --local-ranks.");
        long steps = Enumerable.Range(0, shape.Ranks).Sum(rank => (long)target.Schedule.StepCount(shape, rank));
        if (steps > MostDrawnSteps)
        {
            throw ToolException.BadArguments($"--ranks {shape.Ranks}: {steps} steps are too many for a picture; at most {MostDrawnSteps} are drawn. Take fewer ranks or channels.");
        }

        Prove(target.Name, target.Schedule, shape);
        string picture = ScheduleSvg.Draw(target.Schedule, shape);
        if (parsed.GetValue(Output) is not ({ } path and not "-"))
        {
            Console.Out.Write(picture);
            return ExitCode.Success;
        }

        using StreamWriter file = OutputFile.Create("--output", path);
        file.Write(picture);
        return ExitCode.Success;
    }

    private static (ScheduleTarget Target, IReadOnlyList<Shape> Shapes) Find(ParseResult parsed, string command, int ranksByDefault)
    {
        ScheduleTarget target = ScheduleTarget.Find(parsed.GetValue(Schedule), command);
        return (target, target.Shapes(parsed.GetValue(Ranks), parsed.GetValue(Root), parsed.GetValue(Channels), parsed.GetValue(LocalRanks), ranksByDefault));
    }

    private static ScheduleReport Prove(string name, ISchedule schedule, Shape shape)
    {
        try
        {
            return ScheduleVerifier.Verify(schedule, shape);
        }
        catch (ScheduleException error)
        {
            throw ScheduleTarget.Broken(name, error);
        }
    }
}
