using System.Reflection;

namespace RdmaCollectives.Architecture.Tests;

/// <summary>
/// The public surface of each library is written down in src/X/PublicApi.txt, so that a change of it is seen in review.
/// With RDMACC_ACCEPT_API=1 (<c>./build.sh --target=AcceptApi</c>) the files are rewritten instead.
/// </summary>
public sealed class PublicApiTests
{
    private static readonly bool Accept = Environment.GetEnvironmentVariable("RDMACC_ACCEPT_API") == "1";

    public static TheoryData<string> Libraries =>
        [.. Repository.Assemblies.Select(pair => pair.Project).Where(project => project is not "RdmaCollectives.Tool")];

    [Theory, MemberData(nameof(Libraries))]
    public void PublicSurface_OfALibrary_IsTheAcceptedOne(string project)
    {
        var actual = PublicSurface.Of(Load(project));
        var file = Path.Combine(Repository.Root, "src", project, "PublicApi.txt");
        if (Accept)
            File.WriteAllLines(file, actual);

        var accepted = File.Exists(file) ? File.ReadAllLines(file) : [];
        var differences = accepted.Except(actual, StringComparer.Ordinal).Select(line => "- " + line).Concat(actual.Except(accepted, StringComparer.Ordinal).Select(line => "+ " + line)).ToList();
        if (differences.Count > 0)
        {
            Assert.Fail($"The public surface of {project} is not what src/{project}/PublicApi.txt says:\n{string.Join('\n', differences)}\n"
                + "If the change is wanted: ./build.sh --target=AcceptApi");
        }

        Assert.Equal(accepted, actual);
    }

    [Fact]
    public void PublicSurface_OfTheTool_IsEmpty() => Assert.Empty(PublicSurface.Of(Load("RdmaCollectives.Tool")));

    [Fact]
    public void PublicSurface_OfSamples_IsWrittenInFull()
    {
        var lines = PublicSurface.Of(typeof(Samples).Assembly).Where(line => line.StartsWith("RdmaCollectives.Architecture.Tests.Samples", StringComparison.Ordinal));

        string[] expected =
            [
                "RdmaCollectives.Architecture.Tests.Samples : class (IDisposable)",
                "RdmaCollectives.Architecture.Tests.Samples..ctor()",
                "RdmaCollectives.Architecture.Tests.Samples.Changed -> EventHandler? [event]",
                "RdmaCollectives.Architecture.Tests.Samples.Colour : enum byte",
                "RdmaCollectives.Architecture.Tests.Samples.Colour.Red = 3",
                "RdmaCollectives.Architecture.Tests.Samples.Dispose() -> void",
                "RdmaCollectives.Architecture.Tests.Samples.Find<T>(ReadOnlySpan<T> values, in int first, out string? text, byte* raw = default) -> IReadOnlyList<string?>? [static] where T : unmanaged, IEquatable<T>",
                "RdmaCollectives.Architecture.Tests.Samples.Item { get; protected set; } -> string",
                "RdmaCollectives.Architecture.Tests.Samples.Limit -> int = 7",
                "RdmaCollectives.Architecture.Tests.Samples.Point : readonly struct",
                "RdmaCollectives.Architecture.Tests.Samples.Point.X { get; init; } -> int? [required]",
                "RdmaCollectives.Architecture.Tests.Samples.Run(int count = 2, params int[] rest) -> void [virtual]",
                "RdmaCollectives.Architecture.Tests.Samples.Stop() -> void [protected]",
            ];

        Assert.Equal(string.Join('\n', expected), string.Join('\n', lines));
    }

    private static Assembly Load(string project) => Assembly.LoadFrom(Repository.Assemblies.Single(pair => pair.Project == project).Path);
}
