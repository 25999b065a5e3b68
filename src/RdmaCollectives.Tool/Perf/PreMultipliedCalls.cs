using RdmaCollectives.Numerics;
using RdmaCollectives.Schedules;

namespace RdmaCollectives.Tool.Perf;

/// <summary>The calls with <see cref="PreMultipliedSum{T}"/>, which there are over spans only: one per element type.</summary>
internal static unsafe class PreMultipliedCalls
{
    /// <exception cref="ArgumentException">The collective has no such call, or the buffer has more elements than a span.</exception>
    public static Action<PerfCase> Of(PerfCase one, PerfCollective collective)
    {
        if (!collective.HasPreMultipliedSum)
        {
            throw new ArgumentException($"{collective.Name} has no pre-multiplied sum: take another --op.");
        }

        if (one.Total > int.MaxValue)
        {
            throw new ArgumentException($"{one.Total} elements are more than a pre-multiplied sum takes, {int.MaxValue}: end with a smaller size (-e).");
        }

        CollectiveKind kind = collective.Kind!.Value;
        return one.Type switch
        {
            DataType.Int8 => Of<sbyte>(kind, PerfReduction.Factor),
            DataType.UInt8 => Of<byte>(kind, PerfReduction.Factor),
            DataType.Int16 => Of<short>(kind, PerfReduction.Factor),
            DataType.UInt16 => Of<ushort>(kind, PerfReduction.Factor),
            DataType.Int32 => Of(kind, PerfReduction.Factor),
            DataType.UInt32 => Of<uint>(kind, PerfReduction.Factor),
            DataType.Int64 => Of<long>(kind, PerfReduction.Factor),
            DataType.UInt64 => Of<ulong>(kind, PerfReduction.Factor),
            DataType.Float16 => Of(kind, (Half)PerfReduction.Factor),
            DataType.BFloat16 => Of(kind, (BFloat16)PerfReduction.Factor),
            DataType.Float8E4M3 => Of(kind, (Float8E4M3)(float)PerfReduction.Factor),
            DataType.Float8E5M2 => Of(kind, (Float8E5M2)(float)PerfReduction.Factor),
            DataType.Float32 => Of<float>(kind, PerfReduction.Factor),
            DataType.Float64 => Of<double>(kind, PerfReduction.Factor),
            _ => throw new ArgumentException($"{one.Type} has no pre-multiplied sum: take another --dtype."),
        };
    }

    private static Action<PerfCase> Of<T>(CollectiveKind kind, T factor)
        where T : unmanaged
    {
        var reducer = new PreMultipliedSum<T>(factor);
        return kind switch
        {
            CollectiveKind.AllReduce => one => one.Communicator.AllReduce(Send(one), Receive(one), reducer, one.Options),
            CollectiveKind.Reduce => one => one.Communicator.Reduce(Send(one), Receive(one), reducer, one.Root, one.Options),
            _ => one => one.Communicator.ReduceScatter(Send(one), Receive(one), reducer, one.Options),
        };

        static ReadOnlySpan<T> Send(PerfCase one) => new(one.Send, (int)one.SendCount);

        static Span<T> Receive(PerfCase one) => new(one.Receive, (int)one.ReceiveCount);
    }
}
