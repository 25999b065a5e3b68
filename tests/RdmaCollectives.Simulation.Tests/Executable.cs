namespace RdmaCollectives.Simulation.Tests;

/// <summary>The program that runs seeds; it lies beside the tests.</summary>
internal static class Executable
{
    public static string Path => System.IO.Path.Combine(AppContext.BaseDirectory, "RdmaCollectives.Simulation");
}
