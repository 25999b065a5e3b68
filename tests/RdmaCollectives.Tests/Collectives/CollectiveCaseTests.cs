using RdmaCollectives.Testing;

namespace RdmaCollectives.Tests.Collectives;

/// <summary>What the matrix itself promises.</summary>
public sealed class CollectiveCaseTests
{
    [Fact]
    public void Parse_TextOfACase_IsTheCase() =>
        Assert.All(MatrixCases.Collectives.Concat(MatrixCases.AllReduces), one => Assert.Equal(one with { Seed = one.HasCounts ? one.Seed : 0, Op = one.Reduces ? one.Op : default }, CollectiveCase.Parse(one.ToString())));

    [Fact]
    public void Collectives_OfTheMatrix_CallEverythingByEveryAlgorithm() =>
        Assert.Empty(MatrixCases.Calls().Select(call => (call.Kind, call.Algorithm)).Except(MatrixCases.Collectives.Select(row => (row.Kind, row.Algorithm))));
}
