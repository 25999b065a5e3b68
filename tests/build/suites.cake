// Suites that run on this host, one after another.

public sealed record RunSettings(string Root, string Configuration, string Filter, string ResultsFolder)
{
    /// <summary>The program of a suite and its arguments; results are to be written to `trx`.</summary>
    public (string Program, List<string> Arguments) Invocation(Suite suite, string trx)
    {
        var words = $"{suite.Command ?? Executable(suite)} {suite.Args}".Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var arguments = words.Skip(1).ToList();
        if (suite.HasTrx)
        {
            arguments.AddRange(new[] { "-trx", trx, "-reporter", "verbose", "-noColor", "-noLogo" });
            if (Filter.Length > 0)
                arguments.AddRange(new[] { Filter.StartsWith('/') ? "-filter" : "-method", Filter });
        }

        return (System.IO.Path.Combine(Root, words[0]), arguments);
    }

    private string Executable(Suite suite) => $"artifacts/{(suite.OnSoftRoce ? "softroce" : "bin")}/{suite.Project}/{Configuration.ToLowerInvariant()}/{suite.Project}";
}

public static class HostSuites
{
    public static void Run(Machine machine, RunSettings settings, Report report)
    {
        System.IO.Directory.CreateDirectory(settings.ResultsFolder);
        foreach (var suite in machine.Suites)
        {
            // A filter names test methods; a script has none.
            if (settings.Filter.Length > 0 && !suite.HasTrx)
                continue;
            var path = System.IO.Path.Combine(settings.ResultsFolder, suite.FileName);
            var (log, trx) = ($"{path}.log", $"{path}.trx");
            // Results of an earlier run are not results of this one.
            System.IO.File.Delete(trx);
            System.IO.File.Delete(log);
            report.Starting(suite);
            var (program, arguments) = settings.Invocation(suite, trx);
            if (!System.IO.File.Exists(program))
            {
                report.Add(SuiteResult.Lost(suite, TimeSpan.Zero, $"{program} does not exist: was the project built?"));
                continue;
            }

            var (exitCode, hitLimit, wall) = Processes.Run(new Invocation(program, arguments, suite.Limit, log, suite.Env), passed => report.Pulse(log, passed));
            report.Add(Verdict.Of(suite, new Ending(exitCode, hitLimit, wall, log, trx), settings.Filter.Length > 0));
        }
    }
}
