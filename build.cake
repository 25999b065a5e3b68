// The targets of build.sh. What a target prints for the user goes to `Out` (build.sh's stdout); Cake's own words go to stderr.
#load "tests/build/output.cake"
#load "tests/build/plan.cake"
#load "tests/build/results.cake"
#load "tests/build/processes.cake"
#load "tests/build/suites.cake"
#load "tests/build/softroce.cake"
#load "tests/build/report.cake"

var target = Argument("target", "Build");
var configuration = Argument("configuration", "Release");
var root = MakeAbsolute(Directory(".")).FullPath;
const string DefaultPlan = "tests/suites.json";
var solution = "RdmaCollectives.sln";

void Compile(string project) => DotNetBuild(project, new DotNetBuildSettings
{
    Configuration = configuration,
    NoLogo = true,
    Verbosity = DotNetVerbosity.Quiet,
});

Task("Build").Does(() => Compile(solution));

// build.sh starts the tool itself once this is done.
Task("Run").Does(() => Compile("src/RdmaCollectives.Tool"));

// build.sh starts perf/RdmaCollectives.Peers itself once this is done: it measures, and writes docs/performance.md and docs/performance-peers.md.
Task("Peers").IsDependentOn("Run").Does(() => Compile("perf/RdmaCollectives.Peers"));

// The long forms of what the suites do shortly; build.sh starts their programs itself once they are built (docs/reliability.md).
Task("Fuzz").Does(() => Compile("tests/RdmaCollectives.Fuzz"));
Task("Chaos").Does(() => Compile("tests/RdmaCollectives.Chaos"));
Task("Soak").Does(() => Compile("tests/RdmaCollectives.Chaos"));

Task("Test").Does(() =>
{
    var path = Argument("plan", DefaultPlan);
    var plan = TestPlan.Load(path, Argument("suite", ""));
    var results = path == DefaultPlan ? "artifacts/tests" : $"artifacts/tests/{System.IO.Path.GetFileNameWithoutExtension(path)}";
    var settings = new RunSettings(root, configuration, Argument("filter", ""), System.IO.Path.Combine(root, results));
    var report = new Report(Out, plan);

    if (!HasArgument("no-build"))
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        try
        {
            Compile(solution);
            if (plan.Suites.Any(suite => suite.IsSoftRoceProgram))
                Compile("tests/softroce/programs.proj");
            report.Built(clock.Elapsed);
        }
        catch (CakeException)
        {
            report.NotBuilt(clock.Elapsed);
        }
    }

    if (report.Failed == 0)
    {
        foreach (var machine in plan.Machines())
        {
            if (machine.OnSoftRoce)
                SoftRoce.Run(machine, settings, report);
            else
                HostSuites.Run(machine, settings, report);
        }
    }

    report.Close();
    if (report.Failed > 0)
        throw new CakeException($"{report.Failed} failed");
});

Task("Format").Does(() =>
{
    if (StartProcess("dotnet", $"format {solution}") != 0)
        throw new CakeException("dotnet format failed");
});

Task("AcceptApi").IsDependentOn("Build").Does(() =>
{
    var exit = StartProcess($"artifacts/bin/RdmaCollectives.Architecture.Tests/{configuration.ToLowerInvariant()}/RdmaCollectives.Architecture.Tests",
        new ProcessSettings
        {
            Arguments = "-class RdmaCollectives.Architecture.Tests.PublicApiTests -noLogo",
            EnvironmentVariables = new Dictionary<string, string> { ["RDMACC_ACCEPT_API"] = "1" },
        });
    if (exit != 0)
        throw new CakeException("the public surface could not be written");
    Out.WriteLine("src/*/PublicApi.txt now say what the assemblies say: look at them with git diff.");
});

Task("Pack").Does(() =>
{
    CleanDirectory("artifacts/packages");
    DotNetPack(solution, new DotNetPackSettings
    {
        Configuration = configuration,
        NoLogo = true,
        Verbosity = DotNetVerbosity.Quiet,
        OutputDirectory = "artifacts/packages",
        MSBuildSettings = new DotNetMSBuildSettings().WithProperty("Precompile", "false"), // docs/adr/0025
    });
    foreach (var package in GetFiles("artifacts/packages/*.nupkg"))
        Out.WriteLine($"artifacts/packages/{package.GetFilename()}");
});

Task("Clean").Does(() => CleanDirectory("artifacts"));

RunTarget(target);
