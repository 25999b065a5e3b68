namespace RdmaCollectives.Schedules.Tests;

public sealed class FixedTreeTests
{
    [Theory]
    [InlineData(1, "0")]
    [InlineData(2, "(0+1)")]
    [InlineData(3, "((0+1)+2)")]
    [InlineData(4, "((0+1)+(2+3))")]
    [InlineData(5, "(((0+1)+2)+(3+4))")]
    [InlineData(6, "(((0+1)+(2+3))+(4+5))")]
    [InlineData(7, "(((0+1)+(2+3))+((4+5)+6))")]
    [InlineData(8, "(((0+1)+(2+3))+((4+5)+(6+7)))")]
    public void Describe_FewRanks_IsTheExpressionOfTheContract(int ranks, string expression) =>
        Assert.Equal(expression, FixedTree.Describe(ranks));

    [Fact]
    public void Evaluate_NoRanks_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => FixedTree.Describe(0));
}
