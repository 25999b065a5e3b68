using System.Globalization;
using RdmaCollectives.Numerics;
using RdmaCollectives.Schedules;

namespace RdmaCollectives.Testing;

/// <summary>
/// One call of every rank, with inputs whose result is exact by construction, and a short text that says all of it: <c>Reduce/Float32/1000/Sum/root=2/Memory/in-place/by=tree</c>.
/// </summary>
/// <param name="Kind">What is called.</param>
/// <param name="Type">The element type.</param>
/// <param name="Count">Elements of the buffer, or of one block where buffers have a block per rank; what V blocks are around; milliseconds by which the root of a barrier is late.</param>
public sealed record CollectiveCase(CaseKind Kind, DataType Type, int Count)
{
    /// <summary>Of the kinds that reduce.</summary>
    public ReduceOp Op { get; init; }

    /// <summary>Modulo the number of ranks; -1 is the last.</summary>
    public int Root { get; init; }

    public CallForm Form { get; init; }

    public bool InPlace { get; init; }

    /// <summary>In buffers that the communicator allocated.</summary>
    public bool Allocated { get; init; }

    public bool BitExact { get; init; }

    /// <summary>By name; null: the library chooses.</summary>
    public string? Algorithm { get; init; }

    /// <summary>Of V blocks: which sizes they have; odd: out of order and with gaps.</summary>
    public int Seed { get; init; }

    /// <summary>The collective whose schedules run; null for point-to-point.</summary>
    public CollectiveKind? Collective => Kind switch
    {
        CaseKind.AllReduce => CollectiveKind.AllReduce,
        CaseKind.Reduce => CollectiveKind.Reduce,
        CaseKind.Broadcast => CollectiveKind.Broadcast,
        CaseKind.AllGather or CaseKind.AllGatherV => CollectiveKind.AllGather,
        CaseKind.ReduceScatter or CaseKind.ReduceScatterV => CollectiveKind.ReduceScatter,
        CaseKind.AllToAll or CaseKind.AllToAllV => CollectiveKind.AllToAll,
        CaseKind.Gather or CaseKind.GatherV => CollectiveKind.Gather,
        CaseKind.Scatter or CaseKind.ScatterV => CollectiveKind.Scatter,
        CaseKind.Barrier => CollectiveKind.Barrier,
        _ => null,
    };

    public bool Reduces => Collective is CollectiveKind.AllReduce or CollectiveKind.Reduce or CollectiveKind.ReduceScatter;

    public bool HasRoot => Kind is CaseKind.Reduce or CaseKind.Broadcast or CaseKind.Gather or CaseKind.GatherV or CaseKind.Scatter or CaseKind.ScatterV or >= CaseKind.Barrier;

    public bool HasCounts => Kind is CaseKind.AllGatherV or CaseKind.ReduceScatterV or CaseKind.AllToAllV or CaseKind.GatherV or CaseKind.ScatterV;

    /// <summary>Whether the call can be in place.</summary>
    public bool HasInPlace => Kind is not (CaseKind.Broadcast or CaseKind.AllToAllV or >= CaseKind.Barrier);

    public int RootOf(int ranks) => ((Root % ranks) + ranks) % ranks;

    /// <summary>Runs the case on one rank and throws when an element is wrong or memory outside the stated ranges was touched.</summary>
    public void Run(Communicator communicator)
    {
        switch (Type)
        {
            case DataType.Int8: Run<sbyte>(communicator, v => (sbyte)v); break;
            case DataType.UInt8: Run<byte>(communicator, v => (byte)v); break;
            case DataType.Int16: Run<short>(communicator, v => (short)v); break;
            case DataType.UInt16: Run<ushort>(communicator, v => (ushort)v); break;
            case DataType.Int32: Run<int>(communicator, v => (int)v); break;
            case DataType.UInt32: Run<uint>(communicator, v => (uint)v); break;
            case DataType.Int64: Run<long>(communicator, v => (long)v); break;
            case DataType.UInt64: Run<ulong>(communicator, v => (ulong)v); break;
            case DataType.Float16: Run<Half>(communicator, v => (Half)v); break;
            case DataType.Float32: Run<float>(communicator, v => (float)v); break;
            case DataType.Float64: Run<double>(communicator, v => v); break;
            case DataType.BFloat16: Run<BFloat16>(communicator, v => (BFloat16)(float)v); break;
            case DataType.Float8E4M3: Run<Float8E4M3>(communicator, v => (Float8E4M3)v); break;
            case DataType.Float8E5M2: Run<Float8E5M2>(communicator, v => (Float8E5M2)v); break;
            default: throw new ArgumentOutOfRangeException(nameof(communicator), Type, null);
        }
    }

    public override string ToString()
    {
        var words = new List<string> { $"{Kind}", $"{Type}", Count.ToString(CultureInfo.InvariantCulture) };
        Add(Reduces, $"{Op}");
        Add(HasRoot && Root != 0, string.Create(CultureInfo.InvariantCulture, $"root={Root}"));
        Add(Form != CallForm.Span, $"{Form}");
        Add(InPlace, "in-place");
        Add(Allocated, "allocated");
        Add(BitExact, "bit-exact");
        Add(Algorithm is not null, $"by={Algorithm}");
        Add(HasCounts, string.Create(CultureInfo.InvariantCulture, $"seed={Seed}"));
        return string.Join('/', words);

        void Add(bool isSaid, string word)
        {
            if (isSaid)
            {
                words.Add(word);
            }
        }
    }

    /// <summary>The inverse of <see cref="ToString"/>.</summary>
    public static CollectiveCase Parse(string text)
    {
        string[] words = text.Split('/');
        var result = new CollectiveCase(Enum.Parse<CaseKind>(words[0]), Enum.Parse<DataType>(words[1]), Number(words[2]));
        foreach (string word in words[3..])
        {
            string[] parts = word.Split('=');
            result = parts[0] switch
            {
                "root" => result with { Root = Number(parts[1]) },
                "in-place" => result with { InPlace = true },
                "allocated" => result with { Allocated = true },
                "bit-exact" => result with { BitExact = true },
                "by" => result with { Algorithm = parts[1] },
                "seed" => result with { Seed = Number(parts[1]) },
                _ when Enum.TryParse(word, out ReduceOp op) => result with { Op = op },
                _ => result with { Form = Enum.Parse<CallForm>(word) },
            };
        }

        return result;

        static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);
    }

    private void Run<T>(Communicator communicator, Func<double, T> convert)
        where T : unmanaged
    {
        using var run = new CaseRun<T>(this, communicator, new CaseValues<T>(this, communicator.WorldSize, convert));
        run.Run();
    }
}
