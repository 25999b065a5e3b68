// Suites that need real rdma_rxe devices: one boot of tests/softroce/run for neighbours that want the same machine.
// In it a script runs them one after another with run-suite.sh; each leaves NAME.trx, NAME.log, NAME.seconds and NAME.exit in $OUT.

public static class SoftRoce
{
    private const int CannotHere = 77, LimitExitCode = 124, ShutdownSeconds = 60, BootSeconds = 180, PrepareSeconds = 300;

    public static void Run(Machine machine, RunSettings settings, Report report)
    {
        var folder = System.IO.Path.Combine(settings.ResultsFolder, $"softroce-{machine.Hosts}x{machine.Rails}-{machine.Suites[0].FileName}");
        if (System.IO.Directory.Exists(folder))
            System.IO.Directory.Delete(folder, recursive: true);
        System.IO.Directory.CreateDirectory(folder);

        var suites = machine.Suites.Where(suite => suite.HasTrx || settings.Filter.Length == 0).ToList();
        if (suites.Count == 0 || !Prepared(suites, settings, folder, report))
            return;

        var script = System.IO.Path.Combine(folder, "suites.sh");
        System.IO.File.WriteAllText(script, Script(suites, settings));
        var seconds = ShutdownSeconds + suites.Sum(suite => suite.Limit);
        var arguments = new List<string> { "--hosts", $"{machine.Hosts}", "--rails", $"{machine.Rails}", "--timeout", $"{seconds}", "--out", folder, "--", "bash", script };
        var log = System.IO.Path.Combine(folder, "machine.log");
        report.Starting(suites);
        var program = System.IO.Path.Combine(settings.Root, "tests/softroce/run");
        var (exitCode, hitLimit, wall) = Processes.Run(new Invocation(program, arguments, seconds + BootSeconds + ShutdownSeconds, log, NoEnv),
            passed => report.Pulse(suites.Select(suite => System.IO.Path.Combine(folder, $"{suite.FileName}.log")).LastOrDefault(System.IO.File.Exists) ?? log, passed));
        var end = hitLimit ? "ran past its limit" : $"ended with exit code {exitCode}";
        var results = suites.Select(suite => exitCode == CannotHere ? NotHere(suite, log) : Result(suite, folder, settings, end, log)).ToList();
        report.Overhead(suites[0], wall - TimeSpan.FromSeconds(results.Sum(result => result.Wall.TotalSeconds)));
        results.ForEach(report.Add);
    }

    private static readonly Dictionary<string, string> NoEnv = new();

    // 0: ready. 77: not possible here, and its last line is the one command that would make it so.
    private static bool Prepared(List<Suite> suites, RunSettings settings, string folder, Report report)
    {
        var log = System.IO.Path.Combine(folder, "prepare.log");
        var program = System.IO.Path.Combine(settings.Root, "tests/softroce/prepare.sh");
        var (exitCode, _, wall) = Processes.Run(new Invocation(program, Array.Empty<string>(), PrepareSeconds, log, NoEnv), passed => report.Pulse(log, passed));
        report.Overhead(suites[0], wall);
        if (exitCode == 0)
            return true;
        foreach (var suite in suites)
        {
            report.Add(exitCode == CannotHere
                ? NotHere(suite, log)
                : SuiteResult.Lost(suite, TimeSpan.Zero, $"tests/softroce/prepare.sh ended with exit code {exitCode}; {Verdict.LastWords(log)}"));
        }

        return false;
    }

    private static SuiteResult NotHere(Suite suite, string log) =>
        SuiteResult.NotHere(suite, $"no Soft-RoCE on this machine: {System.IO.File.ReadLines(log).LastOrDefault(line => line.Trim().Length > 0)?.Trim() ?? $"see {log}"}");

    private static string Script(List<Suite> suites, RunSettings settings)
    {
        var text = new System.Text.StringBuilder("#!/usr/bin/env bash\n# Written by the build: the suites of one boot, one after another.\n");
        text.Append($"cd {Quoted(settings.Root)} || exit 1\n");
        if (System.Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } runtime)
            text.Append($"export DOTNET_ROOT={Quoted(runtime)}\n");
        foreach (var suite in suites)
        {
            const string Trx = "TRX-FILE";
            var (program, arguments) = settings.Invocation(suite, Trx);
            var words = suite.Env.Select(pair => Quoted($"{pair.Key}={pair.Value}")).Append(Quoted(program))
                .Concat(arguments.Select(word => word == Trx ? $"\"$OUT/{suite.FileName}.trx\"" : Quoted(word)));
            text.Append($"tests/build/run-suite.sh {suite.FileName} {suite.Limit} env {string.Join(' ', words)}\n");
        }

        return text.Append("exit 0\n").ToString();
    }

    private static SuiteResult Result(Suite suite, string folder, RunSettings settings, string machineEnd, string machineLog)
    {
        var path = System.IO.Path.Combine(folder, suite.FileName);
        if (!System.IO.File.Exists($"{path}.exit") || !int.TryParse(System.IO.File.ReadAllText($"{path}.exit"), out var exitCode))
        {
            var log = System.IO.File.Exists($"{path}.log") ? $"{path}.log" : machineLog;
            return SuiteResult.Lost(suite, TimeSpan.Zero, $"the Soft-RoCE machine {machineEnd} before this suite was through; {Verdict.LastWords(log)}");
        }

        var seconds = System.IO.File.Exists($"{path}.seconds") && int.TryParse(System.IO.File.ReadAllText($"{path}.seconds"), out var n) ? n : 0;
        return Verdict.Of(suite, new Ending(exitCode, exitCode == LimitExitCode, TimeSpan.FromSeconds(seconds), $"{path}.log", $"{path}.trx"), settings.Filter.Length > 0);
    }

    private static string Quoted(string word) => "'" + word.Replace("'", "'\\''") + "'";
}
