using System.CommandLine;
using System.Diagnostics;
using RdmaCollectives.Peers;

const int CannotHere = 77;
string[] parts = ["peers", "runtime", "softroce"];

var full = new Option<bool>("--full") { Description = "15 rounds in place of 5, and 3 trials in place of 1: for numbers to publish." };
var rounds = new Option<int?>("--rounds") { Description = "How often each program is run, in turns. [default: 5]" };
var trials = new Option<int?>("--trials") { Description = "How often each setting of a peer is tried before the rounds; 0: each peer keeps its first. [default: 1; with less than 5 rounds 0]" };
var transports = ListOf("--transports", "Over what: shm (beside Open MPI and MPICH), tcp on loopback (beside Open MPI and gloo).", [Case.SharedMemory, Case.Tcp], null);
var collectives = ListOf("--collectives", "What is compared.", Case.Collectives, null);
var ranks = new Option<int[]>("--ranks") { Description = "Numbers of ranks.", DefaultValueFactory = _ => [2, 4, 8], AllowMultipleArgumentsPerToken = true };
var calls = new Option<int>("--calls", "-n") { Description = "Timed calls of a size.", DefaultValueFactory = _ => 40 };
var begin = Bytes("--begin", "-b", "The smallest size, a multiple of 4. [default: 8]");
var end = Bytes("--end", "-e", "The largest size. [default: 16M]");
var factor = new Option<int>("--factor", "-f") { Description = "Each size is this many times the last.", DefaultValueFactory = _ => 8 };
var only = ListOf("--only", "Parts of the page: peers; runtime (settings of .NET); softroce (beside ib_write_bw).", parts, ["peers"]);
var root = new Option<DirectoryInfo>("--root") { Description = "The checkout.", DefaultValueFactory = _ => new DirectoryInfo(Directory.GetCurrentDirectory()) };
var dryRun = new Option<bool>("--dry-run") { Description = "Print the results and leave docs/ alone." };
calls.Validators.Add(result => Check(() => result.GetValueOrDefault<int>() >= 1, result, "must be 1 or more"));
factor.Validators.Add(result => Check(() => result.GetValueOrDefault<int>() >= 2, result, "must be 2 or more"));
rounds.Validators.Add(result => Check(() => result.GetValueOrDefault<int?>() is null or >= 1, result, "must be 1 or more"));
trials.Validators.Add(result => Check(() => result.GetValueOrDefault<int?>() is null or >= 0, result, "must be 0 or more"));
ranks.Validators.Add(result => Check(() => result.GetValueOrDefault<int[]>()!.All(count => count is >= 2 and <= 256), result, "must be 2 to 256"));

var command = new RootCommand("Runs this library and its peers in turns, and writes the results into docs/performance.md and docs/performance-peers.md.")
{
    full, rounds, trials, transports, collectives, ranks, calls, begin, end, factor, only, root, dryRun,
};
command.SetAction(parsed =>
{
    try
    {
        int count = parsed.GetValue(rounds) ?? (parsed.GetValue(full) ? 15 : 5);
        Run(
            new Settings
            {
                Root = parsed.GetValue(root)!.FullName,
                Rounds = count,
                Trials = parsed.GetValue(trials) ?? (count >= 15 ? 3 : count >= 5 ? 1 : 0),
                Transports = InOrder(parsed.GetValue(transports)!, [Case.SharedMemory, Case.Tcp]),
                Ranks = [.. parsed.GetValue(ranks)!.Distinct().Order()],
                Collectives = InOrder(parsed.GetValue(collectives)!, Case.Collectives),
                Sizes = SizeRange.Parse(parsed.GetValue(begin) ?? "8", parsed.GetValue(end) ?? "16M", parsed.GetValue(factor)),
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

static Option<string[]> ListOf(string name, string description, string[] allowed, string[]? byDefault)
{
    var option = new Option<string[]>(name) { Description = description, DefaultValueFactory = _ => byDefault ?? allowed, AllowMultipleArgumentsPerToken = true };
    option.AcceptOnlyFromAmong(allowed);
    return option;
}

static Option<string?> Bytes(string name, string shortName, string description) => new(name, shortName) { Description = description, HelpName = "BYTES" };

static string[] InOrder(string[] asked, string[] order) => [.. order.Where(name => asked.Contains(name, StringComparer.Ordinal))];

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
    Dictionary<string, Action> measure = new(StringComparer.Ordinal) { ["peers"] = report.Peers, ["runtime"] = report.Runtime, ["softroce"] = report.SoftRoce };
    foreach (string part in parts.Distinct(StringComparer.Ordinal))
    {
        measure[part]();
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
