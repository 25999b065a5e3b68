using System.CommandLine;
using System.Diagnostics;
using RdmaCollectives.Peers;

const int CannotHere = 77;
string[] parts = ["shm", "runtime", "softroce"];

var full = new Option<bool>("--full") { Description = "15 rounds in place of 5: for numbers to publish." };
var rounds = new Option<int?>("--rounds") { Description = "How often each program is run, in turns. [default: 5]" };
var ranks = new Option<int[]>("--ranks") { Description = "Rank counts for shared memory.", DefaultValueFactory = _ => [2, 4], AllowMultipleArgumentsPerToken = true };
var calls = new Option<int>("--calls", "-n") { Description = "Timed calls of a size.", DefaultValueFactory = _ => 40 };
var end = new Option<long>("--end", "-e") { Description = "The largest size in bytes.", DefaultValueFactory = _ => 64 << 20 };
var only = new Option<string[]>("--only") { Description = "Only these parts of the page: shm, runtime, softroce.", DefaultValueFactory = _ => parts, AllowMultipleArgumentsPerToken = true };
only.AcceptOnlyFromAmong(parts);
var root = new Option<DirectoryInfo>("--root") { Description = "The checkout.", DefaultValueFactory = _ => new DirectoryInfo(Directory.GetCurrentDirectory()) };
var dryRun = new Option<bool>("--dry-run") { Description = "Print the results and leave docs/ alone." };
calls.Validators.Add(result => Check(() => result.GetValueOrDefault<int>() >= 1, result, "must be 1 or more"));
rounds.Validators.Add(result => Check(() => result.GetValueOrDefault<int?>() is null or >= 1, result, "must be 1 or more"));
ranks.Validators.Add(result => Check(() => result.GetValueOrDefault<int[]>()!.All(count => count >= 2), result, "must be 2 or more"));
end.Validators.Add(result => Check(() => result.GetValueOrDefault<long>() >= 8, result, "must be 8 or more"));

var command = new RootCommand("Runs this library and its peers in turns, and writes the results into docs/performance.md.") { full, rounds, ranks, calls, end, only, root, dryRun };
command.SetAction(parsed =>
{
    try
    {
        Run(
            new Settings
            {
                Root = parsed.GetValue(root)!.FullName,
                Rounds = parsed.GetValue(rounds) ?? (parsed.GetValue(full) ? 15 : 5),
                Ranks = parsed.GetValue(ranks)!,
                Sizes = new SizeRange(8, parsed.GetValue(end), 2),
                Calls = parsed.GetValue(calls),
            },
            parsed.GetValue(only)!,
            parsed.GetValue(dryRun));
        return 0;
    }
    catch (PeersException error)
    {
        Console.Error.WriteLine($"peers: {error.Message}");
        return error.ExitCode;
    }
});
return command.Parse(args).Invoke();

// A value that cannot be read at all throws when it is asked for; it is said as plainly as one that is out of range.
static void Check(Func<bool> isValid, System.CommandLine.Parsing.OptionResult result, string problem)
{
    bool valid;
    try
    {
        valid = isValid();
    }
    catch (InvalidOperationException)
    {
        valid = false;
    }

    if (!valid)
    {
        result.AddError($"{result.IdentifierToken?.Value} {string.Join(' ', result.Tokens)}: {problem}, as a whole number.");
    }
}

static void Run(Settings settings, string[] parts, bool dryRun)
{
    long started = Stopwatch.GetTimestamp();
    if (!File.Exists(settings.Tool))
    {
        throw new PeersException($"{settings.Tool} is not there: ./build.sh --target=Peers builds it.", exitCode: 2);
    }

    if (Directory.Exists(settings.Results))
    {
        Directory.Delete(settings.Results, recursive: true);
    }

    Directory.CreateDirectory(settings.Results);
    Prepare(settings);
    var report = new Report(settings, dryRun);
    foreach (string part in parts)
    {
        report.Write(part);
    }

    Console.Error.WriteLine($"Done in {Stopwatch.GetElapsedTime(started).TotalMinutes:0.0} minutes; every line that was measured is in artifacts/peers/results.");
}

static void Prepare(Settings settings)
{
    (int exitCode, _, string error) = Subprocess.Run([Path.Combine(settings.Root, "perf/peers/prepare.sh")], TimeSpan.FromMinutes(10));
    if (exitCode != 0)
    {
        throw new PeersException(Subprocess.LastLine(error), exitCode == CannotHere ? CannotHere : 1);
    }
}
