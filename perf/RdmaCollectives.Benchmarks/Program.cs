using BenchmarkDotNet.Running;
using RdmaCollectives.Benchmarks;

switch (args)
{
    case ["--table"]:
        KernelTable.Print();
        return 0;
    case ["--own-time", .. string[] rest]:
        return OwnTime.Measure(rest);
    case ["--group"]:
        return GroupTime.Measure();
    case ["--waiting", .. string[] rest]:
        return Waiting.Measure(rest);
    case ["--start-up"]:
        return StartUp.Measure();
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        return 0;
}
