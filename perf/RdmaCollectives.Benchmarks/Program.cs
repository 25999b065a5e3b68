using BenchmarkDotNet.Running;
using RdmaCollectives.Benchmarks;

if (args is ["--table"])
{
    KernelTable.Print();
}
else
{
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
}
