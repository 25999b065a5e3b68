using System.Globalization;
using RdmaCollectives.Numerics;

namespace RdmaCollectives.Testing;

/// <summary>
/// One all-reduce with inputs whose result is exact by construction: small integers (and powers of two for products), so that no order of reduction and no rounding can change it.
/// </summary>
public sealed record AllReduceCase(DataType Type, ReduceOp Op, int Count, bool InPlace, bool Allocated, bool Async = false)
{
    /// <summary>Runs the case on one rank and throws when an element is wrong or memory beside the buffers was touched.</summary>
    public void Run(Communicator communicator)
    {
        switch (Type)
        {
            case DataType.Int8: Run<sbyte>(communicator, v => (sbyte)v); break;
            case DataType.UInt8: Run<byte>(communicator, v => (byte)v); break;
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
            case DataType.Int16: Run<short>(communicator, v => (short)v); break;
            case DataType.UInt16: Run<ushort>(communicator, v => (ushort)v); break;
            default: throw new ArgumentOutOfRangeException(nameof(communicator), Type, null);
        }
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Type}/{Op}/{Count}{(InPlace ? "/in-place" : "")}{(Allocated ? "/allocated" : "")}{(Async ? "/async" : "")}");

    /// <summary>The inverse of <see cref="ToString"/>.</summary>
    public static AllReduceCase Parse(string text)
    {
        string[] parts = text.Split('/');
        return new AllReduceCase(
            Enum.Parse<DataType>(parts[0]),
            Enum.Parse<ReduceOp>(parts[1]),
            int.Parse(parts[2], CultureInfo.InvariantCulture),
            parts.Contains("in-place"),
            parts.Contains("allocated"),
            parts.Contains("async"));
    }

    // What rank r contributes at index i. Products use 1 and 2 only; three bits of mantissa are enough for the rest up to 16 ranks.
    private double Input(int rank, int index) => Op == ReduceOp.Product ? 1 + ((rank + index) % 7 == 0 ? 1 : 0) : ((rank * 3) + (index % 5)) % 4;

    private double Expected(int ranks, int index)
    {
        double result = Input(0, index);
        for (int rank = 1; rank < ranks; rank++)
        {
            double value = Input(rank, index);
            result = Op switch
            {
                ReduceOp.Sum or ReduceOp.Average => result + value,
                ReduceOp.Product => result * value,
                ReduceOp.Min => Math.Min(result, value),
                _ => Math.Max(result, value),
            };
        }

        return Op != ReduceOp.Average ? result : IsInteger ? Math.Truncate(result / ranks) : result / ranks;
    }

    private bool IsInteger => Type is not (DataType.Float16 or DataType.Float32 or DataType.Float64 or DataType.BFloat16);

    private void Run<T>(Communicator communicator, Func<double, T> convert)
        where T : unmanaged, IEquatable<T>
    {
        const int Guard = 16;
        T guard = convert(3);
        T[] sendArray = Filled(Guard, guard);
        T[] receiveArray = Filled(Guard, guard);
        using RegisteredBuffer<T>? sendBuffer = Allocated ? communicator.Allocate<T>(Count) : null;
        using RegisteredBuffer<T>? receiveBuffer = Allocated && !InPlace ? communicator.Allocate<T>(Count) : null;
        Memory<T> send = sendBuffer?.Memory ?? sendArray.AsMemory(Guard, Count);
        Memory<T> receive = InPlace ? send : receiveBuffer?.Memory ?? receiveArray.AsMemory(Guard, Count);
        Span<T> input = send.Span;
        for (int i = 0; i < Count; i++)
        {
            input[i] = convert(Input(communicator.Rank, i));
        }

        if (Async)
        {
            if (!communicator.AllReduceAsync<T>(send, receive, Op).AsTask().Wait(TimeSpan.FromSeconds(60)))
            {
                throw new TimeoutException($"{this}: not complete after 60 s.");
            }
        }
        else
        {
            communicator.AllReduce<T>(send.Span, receive.Span, Op);
        }

        Span<T> output = receive.Span;
        for (int i = 0; i < Count; i++)
        {
            T expected = convert(Expected(communicator.WorldSize, i));
            if (!output[i].Equals(expected))
            {
                throw new InvalidOperationException($"{this}, {communicator.WorldSize} ranks, rank {communicator.Rank}: element {i} is {output[i]}, expected {expected}.");
            }
        }

        if (!InPlace)
        {
            for (int i = 0; i < Count; i++)
            {
                if (!send.Span[i].Equals(convert(Input(communicator.Rank, i))))
                {
                    throw new InvalidOperationException($"{this}: the send buffer was changed at {i}.");
                }
            }
        }

        Check(sendArray, guard, Guard);
        Check(receiveArray, guard, Guard);
    }

    private T[] Filled<T>(int guardCount, T guard)
    {
        T[] array = new T[Count + (2 * guardCount)];
        Array.Fill(array, guard);
        return array;
    }

    private void Check<T>(T[] array, T guard, int guardCount)
        where T : IEquatable<T>
    {
        for (int i = 0; i < guardCount; i++)
        {
            if (!array[i].Equals(guard) || !array[^(i + 1)].Equals(guard))
            {
                throw new InvalidOperationException($"{this}: memory beside the buffer was written, {i} elements from its end.");
            }
        }
    }
}
