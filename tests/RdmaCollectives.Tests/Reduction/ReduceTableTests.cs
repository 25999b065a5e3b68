using System.Globalization;
using RdmaCollectives.Numerics;
using RdmaCollectives.Reduction;

namespace RdmaCollectives.Tests.Reduction;

public unsafe partial class ReduceTableTests(ITestOutputHelper output)
{
    private const int Seed = 20_250_101;

    public enum Destination
    {
        Apart,
        OverLeft,
        OverRight,
    }

    public static TheoryData<DataType, ReduceOp, Destination> EveryKernel()
    {
        var rows = new TheoryData<DataType, ReduceOp, Destination>();
        foreach (DataType type in Enum.GetValues<DataType>())
        {
            foreach (ReduceOp op in Enum.GetValues<ReduceOp>().Where(op => op.AppliesTo(type)))
            {
                foreach (Destination destination in Enum.GetValues<Destination>())
                {
                    rows.Add(type, op, destination);
                }
            }
        }

        return rows;
    }

    /// <summary>Floats of so many bytes, with each operator that combines them in its own way.</summary>
    public static TheoryData<DataType, ReduceOp> NarrowReductions(int byteCount)
    {
        var rows = new TheoryData<DataType, ReduceOp>();
        foreach (DataType type in Enum.GetValues<DataType>().Where(type => !type.IsInteger() && type.ElementSize() == byteCount))
        {
            foreach (ReduceOp op in (ReduceOp[])[ReduceOp.Sum, ReduceOp.Product, ReduceOp.Min, ReduceOp.Max])
            {
                rows.Add(type, op);
            }
        }

        return rows;
    }

    public static TheoryData<DataType> EveryType() => new(Enum.GetValues<DataType>());

    [Theory]
    [MemberData(nameof(EveryKernel))]
    public void Combine_EveryCountAndByteOffset_GivesTheBitsOfTheReference(DataType type, ReduceOp op, Destination destination)
        => ByType(type, new CombineCheck(op, destination));

    [Theory]
    [MemberData(nameof(EveryType))]
    public void Finish_EveryCountAndByteOffset_DividesOnceByTheRankCount(DataType type)
        => ByType(type, default(FinishCheck));

    [Theory]
    [MemberData(nameof(NarrowReductions), 2)]
    public void Combine_Every16BitPatternWithEveryCorner_GivesTheBitsOfTheReference(DataType type, ReduceOp op)
        => ByType(type, new PatternCheck(op));

    [Theory]
    [MemberData(nameof(NarrowReductions), 1)]
    public void Combine_EveryPairOf8BitFloats_GivesTheBitsOfTheReference(DataType type, ReduceOp op)
        => ByType(type, new PairCheck(op));

    [Theory]
    [MemberData(nameof(EveryType))]
    public void Combine_OneSpecialElementInAnyBlock_GivesTheBitsOfTheReference(DataType type)
        => ByType(type, default(BlocksCheck));

    [Theory]
    [MemberData(nameof(EveryType))]
    public void Prepare_EveryCountAndByteOffset_IsTheProductOfTheReference(DataType type)
        => ByType(type, default(PrepareCheck));

    [Fact]
    public void Width_InAChildOfVectorWidthTests_IsTheOneThatWasAskedFor()
    {
        output.WriteLine($"vectors of {VectorWidthTests.WidestBits} bits");
        if (Environment.GetEnvironmentVariable(VectorWidthTests.ExpectedBits) is { } expected)
        {
            Assert.Equal(expected, VectorWidthTests.WidestBits.ToString(CultureInfo.InvariantCulture));
        }
    }

    [Fact]
    public void Prepare_BuiltInsAndReducersOfUsers_HaveNone()
    {
        Assert.True(ReduceTable.Get<float>(ReduceOp.Sum).Prepare == null);
        Assert.True(ReduceTable.ForReducer<Guid, PickLeft>().Prepare == null);
    }

    [Fact]
    public void ForReducer_PreMultipliedSum_IsTheKernelOfTheSum()
    {
        ReduceKernel kernel = ReduceTable.ForReducer<Half, PreMultipliedSum<Half>>();
        Assert.Equal((nint)ReduceTable.Get<Half>(ReduceOp.Sum).Combine, (nint)kernel.Combine);
        Assert.True(kernel.Finish == null);
        Assert.True(kernel.IsCommutative && PreMultipliedSum<Half>.IsCommutative);
        Assert.Equal(2, kernel.ElementSize);
        Assert.Equal((Half)0.5, new PreMultipliedSum<Half>((Half)0.5).Factor);
    }

    [Fact]
    public void ForReducer_PreMultipliedSumOfAnotherType_NamesTheType()
    {
        var error = Assert.Throws<ArgumentException>(() => ReduceTable.ForReducer<Guid, PreMultipliedSum<Guid>>());
        Assert.Contains("Guid with PreMultipliedSum", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ReduceOp.BitAnd)]
    [InlineData(ReduceOp.BitOr)]
    [InlineData(ReduceOp.BitXor)]
    public void Get_BitOperationOfAFloat_ThrowsAndNamesBoth(ReduceOp op)
    {
        foreach (DataType type in Enum.GetValues<DataType>())
        {
            if (op.AppliesTo(type))
            {
                Assert.Equal(type.ElementSize(), ReduceTable.Get(type, op).ElementSize);
                continue;
            }

            Assert.Contains($"{type} with ReduceOp.{op}", Assert.Throws<ArgumentException>(() => ReduceTable.Get(type, op)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Get_TypeWithoutBuiltIn_NamesTypeOperationAndReducer()
    {
        var error = Assert.Throws<ArgumentException>(() => ReduceTable.Get<Guid>(ReduceOp.Sum));
        Assert.Contains("Guid", error.Message, StringComparison.Ordinal);
        Assert.Contains("ReduceOp.Sum", error.Message, StringComparison.Ordinal);
        Assert.Contains("IReducer<T>", error.Message, StringComparison.Ordinal);
        Assert.Equal("op", error.ParamName);
    }

    [Fact]
    public void Get_OperationThatDoesNotExist_NamesItsNumber()
    {
        Assert.Contains("Single with ReduceOp.77", Assert.Throws<ArgumentException>(() => ReduceTable.Get<float>((ReduceOp)77)).Message, StringComparison.Ordinal);
        Assert.Contains("55 with ReduceOp.Sum", Assert.Throws<ArgumentException>(() => ReduceTable.Get((DataType)55, ReduceOp.Sum)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Get_TypedAndUntyped_AreTheSameKernel()
    {
        Assert.Equal((nint)ReduceTable.Get<Half>(ReduceOp.Max).Combine, (nint)ReduceTable.Get(DataType.Float16, ReduceOp.Max).Combine);
        Assert.Equal((nint)ReduceTable.Get<BFloat16>(ReduceOp.Average).Finish, (nint)ReduceTable.Get(DataType.BFloat16, ReduceOp.Average).Finish);
        Assert.True(ReduceTable.Get<BFloat16>(ReduceOp.Average).Finish != null);
        Assert.True(ReduceTable.Get<BFloat16>(ReduceOp.Sum).Finish == null);
        Assert.Equal(8, ReduceTable.Get<double>(ReduceOp.Min).ElementSize);
        Assert.True(ReduceTable.Get<double>(ReduceOp.Min).IsCommutative);
    }

    private void ByType(DataType type, ICheck check)
    {
        output.WriteLine($"seed {Seed}");
        switch (type)
        {
            case DataType.Int8: check.Run<sbyte>(type); break;
            case DataType.UInt8: check.Run<byte>(type); break;
            case DataType.Int16: check.Run<short>(type); break;
            case DataType.UInt16: check.Run<ushort>(type); break;
            case DataType.Int32: check.Run<int>(type); break;
            case DataType.UInt32: check.Run<uint>(type); break;
            case DataType.Int64: check.Run<long>(type); break;
            case DataType.UInt64: check.Run<ulong>(type); break;
            case DataType.Float16: check.Run<Half>(type); break;
            case DataType.BFloat16: check.Run<BFloat16>(type); break;
            case DataType.Float8E4M3: check.Run<Float8E4M3>(type); break;
            case DataType.Float8E5M2: check.Run<Float8E5M2>(type); break;
            case DataType.Float32: check.Run<float>(type); break;
            case DataType.Float64: check.Run<double>(type); break;
            default: Assert.Fail($"no test for {type}"); break;
        }
    }
}
