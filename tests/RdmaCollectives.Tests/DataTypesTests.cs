using RdmaCollectives.Numerics;

namespace RdmaCollectives.Tests;

public class DataTypesTests
{
    public static TheoryData<DataType, string, string?, int> Names() => new()
    {
        { DataType.Int8, "int8", null, 1 },
        { DataType.UInt8, "uint8", null, 1 },
        { DataType.Int32, "int32", null, 4 },
        { DataType.UInt32, "uint32", null, 4 },
        { DataType.Int64, "int64", null, 8 },
        { DataType.UInt64, "uint64", null, 8 },
        { DataType.Float16, "half", "float16", 2 },
        { DataType.Float32, "float", "float32", 4 },
        { DataType.Float64, "double", "float64", 8 },
        { DataType.BFloat16, "bfloat16", null, 2 },
        { DataType.Float8E4M3, "float8e4m3", "f8e4m3", 1 },
        { DataType.Float8E5M2, "float8e5m2", "f8e5m2", 1 },
        { DataType.Int16, "int16", null, 2 },
        { DataType.UInt16, "uint16", null, 2 },
    };

    [Fact]
    public void Of_EveryElementType_IsItsDataType()
    {
        Assert.Equal(
            Enum.GetValues<DataType>(),
            [
                DataTypes.Of<sbyte>(), DataTypes.Of<byte>(), DataTypes.Of<int>(), DataTypes.Of<uint>(), DataTypes.Of<long>(), DataTypes.Of<ulong>(),
                DataTypes.Of<Half>(), DataTypes.Of<float>(), DataTypes.Of<double>(), DataTypes.Of<BFloat16>(),
                DataTypes.Of<Float8E4M3>(), DataTypes.Of<Float8E5M2>(), DataTypes.Of<short>(), DataTypes.Of<ushort>(),
            ]);
    }

    [Fact]
    public void Of_BFloat16OfLaterDotNet_IsKnownByName() => Assert.Equal(DataType.BFloat16, DataTypes.Of<System.Numerics.BFloat16>());

    [Fact]
    public void Of_TypeWithoutDataType_ThrowsAndNamesIt()
    {
        Assert.False(DataTypes.TryOf<Guid>(out _));
        Assert.Contains("System.Guid", Assert.Throws<ArgumentException>(() => DataTypes.Of<Guid>()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Names_EachDataType_ReadBackWhatTheyPrint(DataType type, string shortName, string? alias, int size)
    {
        Assert.Equal(shortName, type.ShortName());
        Assert.Equal(size, type.ElementSize());
        foreach (string name in new[] { shortName, shortName.ToUpperInvariant(), alias ?? shortName })
        {
            Assert.True(DataTypes.TryParse(name, out DataType read));
            Assert.Equal(type, read);
        }
    }

    [Theory]
    [InlineData(ReduceOp.Sum, "sum")]
    [InlineData(ReduceOp.Product, "prod")]
    [InlineData(ReduceOp.Min, "min")]
    [InlineData(ReduceOp.Max, "max")]
    [InlineData(ReduceOp.Average, "avg")]
    [InlineData(ReduceOp.BitAnd, "band")]
    [InlineData(ReduceOp.BitOr, "bor")]
    [InlineData(ReduceOp.BitXor, "bxor")]
    public void Names_EachReduceOp_ReadBackWhatTheyPrint(ReduceOp op, string shortName)
    {
        Assert.Equal(shortName, op.ShortName());
        Assert.True(ReduceOps.TryParse(shortName.ToUpperInvariant(), out ReduceOp read));
        Assert.Equal(op, read);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("float8")]
    [InlineData("0")]
    public void TryParse_UnknownName_IsFalse(string? name)
    {
        Assert.False(DataTypes.TryParse(name, out _));
        Assert.False(ReduceOps.TryParse(name, out _));
    }

    [Fact]
    public void Numbers_AllTypesAndReductions_AreThoseOfTheWire()
    {
        Assert.Equal((byte[])[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13], Enum.GetValues<DataType>().Select(type => (byte)type));
        Assert.Equal((DataType)10, DataType.Float8E4M3);
        Assert.Equal((DataType)11, DataType.Float8E5M2);
        Assert.Equal((byte[])[0, 1, 2, 3, 4, 5, 6, 7], Enum.GetValues<ReduceOp>().Select(op => (byte)op));
    }

    [Fact]
    public void AppliesTo_BitOperations_AreForIntegersOnly()
    {
        Assert.Equal(8, Enum.GetValues<DataType>().Count(type => type.IsInteger()));
        Assert.True(ReduceOp.BitXor.AppliesTo(DataType.UInt16));
        Assert.False(ReduceOp.BitXor.AppliesTo(DataType.Float8E5M2));
        Assert.True(ReduceOp.Average.AppliesTo(DataType.Float8E5M2));
        Assert.False(((ReduceOp)99).AppliesTo(DataType.Int32) || ReduceOp.Sum.AppliesTo((DataType)99));
    }

    [Fact]
    public void Names_NumberThatIsNoMember_ThrowsAndListsTheMembers()
    {
        Assert.Contains("Float32", Assert.Throws<ArgumentOutOfRangeException>(() => ((DataType)99).ShortName()).Message, StringComparison.Ordinal);
        Assert.Contains("99", Assert.Throws<ArgumentOutOfRangeException>(() => ((DataType)99).ElementSize()).Message, StringComparison.Ordinal);
        Assert.Contains("Product", Assert.Throws<ArgumentOutOfRangeException>(() => ((ReduceOp)99).ShortName()).Message, StringComparison.Ordinal);
    }
}
