using System.Numerics;
using System.Text.RegularExpressions;
using RdmaCollectives.Numerics;
using BFloat16 = RdmaCollectives.Numerics.BFloat16;

namespace RdmaCollectives.Tests.Reduction;

/// <summary>The table of docs/numerics.md, run: what it says is what the kernels do.</summary>
public partial class NumericsDocumentTests
{
    private static readonly string[][] Rows = ReadRows();

    public static TheoryData<string, string> Cases()
    {
        var data = new TheoryData<string, string>();
        foreach (string[] row in Rows)
        {
            foreach (string type in row[0].Split(' '))
            {
                foreach (Match match in CaseInBackticks().Matches(string.Join(' ', row[2..])))
                {
                    data.Add(type, match.Groups[1].Value);
                }
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Kernel_CaseOfTheTable_ComputesWhatItSays(string type, string text)
    {
        var row = new NumericsCase(type, text);
        (string computed, string stated) = type switch
        {
            "int8" => row.Run(Integer<sbyte>()),
            "uint8" => row.Run(Integer<byte>()),
            "int16" => row.Run(Integer<short>()),
            "uint16" => row.Run(Integer<ushort>()),
            "int32" => row.Run(Integer<int>()),
            "uint32" => row.Run(Integer<uint>()),
            "int64" => row.Run(Integer<long>()),
            "uint64" => row.Run(Integer<ulong>()),
            "float" => row.Run(Float<float>()),
            "double" => row.Run(Float<double>()),
            "half" => row.Run(Float<Half>()),
            "bfloat16" => row.Run(new NumericsValues<BFloat16>(BFloat16.MaxValue, BFloat16.MinValue, BFloat16.Epsilon, BFloat16.NaN, v => (BFloat16)(float)v, v => v)),
            "float8e4m3" => row.Run(new NumericsValues<Float8E4M3>(Float8E4M3.MaxValue, Float8E4M3.MinValue, Float8E4M3.Epsilon, Float8E4M3.NaN, v => (Float8E4M3)v, v => v)),
            "float8e5m2" => row.Run(new NumericsValues<Float8E5M2>(Float8E5M2.MaxValue, Float8E5M2.MinValue, Float8E5M2.Epsilon, Float8E5M2.NaN, v => (Float8E5M2)v, v => v)),
            _ => throw new FormatException($"{row}: no such type"),
        };
        Assert.True(computed == stated, $"{row}, which is {stated}; the kernel computed {computed}");
    }

    [Fact]
    public void Table_EveryTypeAndOperator_HasOneRowWithACase()
    {
        var expected = new List<string>();
        foreach (DataType type in Enum.GetValues<DataType>())
        {
            expected.AddRange(Enum.GetValues<ReduceOp>().Where(op => op.AppliesTo(type)).Select(op => $"{type.ShortName()} {op.ShortName()}"));
            expected.Add($"{type.ShortName()} premulsum");
        }

        IEnumerable<string> stated = Rows.Where(row => CaseInBackticks().IsMatch(string.Join(' ', row[2..]))).SelectMany(row => row[0].Split(' ').Select(type => $"{type} {row[1]}"));
        Assert.Equal(expected.Order(StringComparer.Ordinal), stated.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Table_EveryCase_IsOfTheOperatorOfItsRow()
    {
        foreach (string[] row in Rows)
        {
            Assert.Equal(6, row.Length);
            Assert.All(CaseInBackticks().Matches(string.Join(' ', row[2..])), match => Assert.StartsWith($"{row[1]}(", match.Groups[1].Value, StringComparison.Ordinal));
        }
    }

    [GeneratedRegex("`([a-z]+\\([^`]*)`")]
    private static partial Regex CaseInBackticks();

    private static string[][] ReadRows()
    {
        string directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "docs", "numerics.md")))
        {
            directory = Path.GetDirectoryName(directory) ?? throw new FileNotFoundException("docs/numerics.md, in no folder above the tests");
        }

        return [.. File.ReadLines(Path.Combine(directory, "docs", "numerics.md"))
            .SkipWhile(line => line != "<!-- cases: tested -->")
            .TakeWhile(line => line != "<!-- cases: end -->")
            .Where(line => line.StartsWith('|'))
            .Skip(2)
            .Select(line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries))];
    }

    private static NumericsValues<T> Integer<T>()
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
        => new(T.MaxValue, T.MinValue, T.One, T.Zero, v => T.CreateTruncating(new BigInteger(v)), double.CreateChecked);

    private static NumericsValues<T> Float<T>()
        where T : unmanaged, IFloatingPointIeee754<T>, IMinMaxValue<T>
        => new(T.MaxValue, T.MinValue, T.Epsilon, T.NaN, T.CreateChecked, double.CreateChecked);
}
