using System.Globalization;
using System.Runtime.InteropServices;
using RdmaCollectives.Reduction;

namespace RdmaCollectives.Tests.Reduction;

/// <summary>One case of the table in docs/numerics.md for one type: <c>sum(MAX, 1) = MIN</c>. It is computed by the kernels, as ranks in rank order would.</summary>
public sealed record NumericsCase(string Type, string Text)
{
    /// <summary>More elements than the widest vector has, and some over, so that every path of the kernels computes the case.</summary>
    private const int Count = 67;

    private string Operator => Text[..Text.IndexOf('(', StringComparison.Ordinal)];

    private string[] Operands => Text[(Operator.Length + 1)..Text.IndexOf(')', StringComparison.Ordinal)].Split(',', StringSplitOptions.TrimEntries);

    private string Result => Text[(Text.IndexOf('=', StringComparison.Ordinal) + 1)..].Trim();

    /// <summary>The hexadecimal bits of what the kernels make of the operands, and of the stated result.</summary>
    internal unsafe (string Computed, string Stated) Run<T>(NumericsValues<T> values)
        where T : unmanaged
    {
        bool isPreMultiplied = Operator == "premulsum";
        ReduceKernel kernel = isPreMultiplied ? ReduceTable.ForReducer<T, PreMultipliedSum<T>>()
            : ReduceOps.TryParse(Operator, out ReduceOp op) ? ReduceTable.Get<T>(op)
            : throw new FormatException($"{Text}: no such operator");
        var total = new T[Count];
        for (int rank = 0; rank < Operands.Length; rank++)
        {
            string[] parts = isPreMultiplied ? Operands[rank].Split('*') : [Operands[rank]];
            T[] input = [.. Enumerable.Repeat(values.Parse(parts[^1]), Count)];
            fixed (T* source = input, destination = total)
            {
                if (isPreMultiplied)
                {
                    var reducer = new PreMultipliedSum<T>(values.Parse(parts[0]));
                    kernel.Prepare(&reducer, (byte*)source, (byte*)source, Count);
                }

                if (rank == 0)
                {
                    input.CopyTo(total, 0);
                }
                else
                {
                    kernel.Combine(null, (byte*)destination, (byte*)source, (byte*)destination, Count);
                }
            }
        }

        fixed (T* destination = total)
        {
            if (kernel.Finish != null)
            {
                kernel.Finish((byte*)destination, Count, Operands.Length);
            }
        }

        return (string.Join(" or ", total.Select(Bits).Distinct(StringComparer.Ordinal)), Bits(values.Parse(Result)));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Type}: {Text}");

    private static string Bits<T>(T value)
        where T : unmanaged
        => Convert.ToHexString([.. MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)).ToArray().Reverse()]);
}

/// <summary>The words that cases use for the values of a type.</summary>
internal sealed record NumericsValues<T>(T Max, T Min, T Tiny, T NaN, Func<double, T> FromNumber, Func<T, double> ToNumber)
{
    public T Parse(string text)
    {
        int at = text.IndexOfAny(['*', '/']);
        if (at >= 0)
        {
            double left = ToNumber(Parse(text[..at])), right = ToNumber(Parse(text[(at + 1)..]));
            return FromNumber(text[at] == '*' ? left * right : left / right);
        }

        return text switch
        {
            "MAX" => Max,
            "MIN" => Min,
            "TINY" => Tiny,
            "NaN" => NaN,
            "inf" => FromNumber(double.PositiveInfinity),
            "-inf" => FromNumber(double.NegativeInfinity),
            _ => FromNumber(double.Parse(text, CultureInfo.InvariantCulture)),
        };
    }
}
