using System.Reflection;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;

namespace RdmaCollectives.Architecture.Tests;

/// <summary>Calls go down: no type uses a type of a layer that docs/architecture.md does not let it use.</summary>
public sealed class LayerTests
{
    private static readonly Arrows Table = Arrows.Parse(Repository.Read("docs/architecture.md"));

    public static TheoryData<string> Projects => [.. Repository.Assemblies.Select(pair => pair.Project)];

    [Theory, MemberData(nameof(Projects))]
    public void References_OfAnAssembly_FollowTheArrows(string project)
    {
        var uses = TypeReferences.In(PathOf(project));

        var violations = Table.Violations(uses).ToList();

        Assert.True(violations.Count == 0, $"{violations.Count} uses that docs/architecture.md does not allow:\n" + string.Join('\n', violations));
    }

    [Theory, MemberData(nameof(Projects))]
    public void Types_OfAnAssembly_BelongToALayer(string project)
    {
        var strangers = Assembly.LoadFrom(PathOf(project)).GetTypes()
            .Where(type => type.DeclaringType is null && type.Namespace is { } name && name.StartsWith("RdmaCollectives", StringComparison.Ordinal))
            .Where(type => Table.LayerOf(type.FullName!.Split('`')[0]) is null);

        Assert.Empty(strangers);
    }

    /// <summary>docs/adr/0025: the build would be as green without, and every rank slower to start.</summary>
    [Theory, MemberData(nameof(Projects))]
    public void Code_OfAnAssembly_IsCompiledAheadOfTimeInReleaseBuilds(string project)
    {
        string path = PathOf(project);
        Assert.SkipUnless(Path.GetFileName(Path.GetDirectoryName(path)) == "release", "This is no Release build.");
        using var reader = new PEReader(File.OpenRead(path));

        Assert.True(reader.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0, $"{path} has no code, only IL: it was built with -p:Precompile=false, or src/Directory.Build.targets no longer takes part in the build.");
    }

    [Theory, MemberData(nameof(Projects))]
    public void Internals_OfAnAssembly_AreOpenToNothingShipped(string project)
    {
        var friends = Assembly.LoadFrom(PathOf(project)).GetCustomAttributes<InternalsVisibleToAttribute>().Select(friend => friend.AssemblyName);

        Assert.All(friends, friend => Assert.Matches(@"\.(Tests|Fuzz|Simulation|Benchmarks)$", friend));
    }

    [Fact]
    public void Table_AsWritten_PointsDown() => Assert.Empty(Table.Mistakes);

    [Fact]
    public void Table_NamedTypes_Exist()
    {
        var known = Projects.SelectMany(row => Assembly.LoadFrom(PathOf(row.Data)).GetTypes()).Select(type => type.FullName!.Split('`')[0]).ToHashSet(StringComparer.Ordinal);

        Assert.All(Table.NamedTypes, type => Assert.Contains(type, known));
    }

    [Theory]
    [InlineData("BaseClass")]
    [InlineData("Interface")]
    [InlineData("FieldOfArray")]
    [InlineData("GenericArgument")]
    [InlineData("ConstraintOnly")]
    [InlineData("CallInLambda")]
    [InlineData("CastInAsync")]
    [InlineData("CaughtException")]
    [InlineData("StaticField")]
    [InlineData("FunctionPointer")]
    public void Violations_OfEachWayToUseAType_NameBothTypes(string user)
    {
        const string Space = "Architecture.Tests.Uses";
        var arrows = Arrows.Parse($"```arrows\n{Space}.Upper\n{Space}.Lower\n```");

        var violations = arrows.Violations(TypeReferences.In(typeof(LayerTests).Assembly.Location));

        Assert.Contains(violations, line => line.StartsWith($"RdmaCollectives.{Space}.Lower.{user} uses RdmaCollectives.{Space}.Upper.", StringComparison.Ordinal));
    }

    [Fact]
    public void Violations_OfAnAllowedArrow_AreNone()
    {
        const string Space = "Architecture.Tests.Uses";
        var arrows = Arrows.Parse($"```arrows\n{Space}.Lower -> {Space}.Upper\n{Space}.Upper\n```");

        Assert.Empty(arrows.Violations(TypeReferences.In(typeof(LayerTests).Assembly.Location)));
        Assert.Empty(arrows.Mistakes);
    }

    private static string PathOf(string project) => Repository.Assemblies.Single(pair => pair.Project == project).Path;
}
