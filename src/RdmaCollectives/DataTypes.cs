using RdmaCollectives.Numerics;

namespace RdmaCollectives;

/// <summary>What is known about each <see cref="DataType"/>: its C# type, size and short name.</summary>
public static class DataTypes
{
    /// <summary>The data type of <typeparamref name="T"/>.</summary>
    /// <typeparam name="T">An element type.</typeparam>
    /// <returns>The data type.</returns>
    /// <exception cref="ArgumentException"><typeparamref name="T"/> has none, as a user's own struct.</exception>
    public static DataType Of<T>()
        where T : unmanaged
        => TryOf<T>(out DataType type)
            ? type
            : throw new ArgumentException($"{typeof(T)} has no DataType: only (s)byte, (u)short, (u)int, (u)long, Half, BFloat16, Float8E4M3, Float8E5M2, float and double have one.");

    /// <summary>The data type of <typeparamref name="T"/>, if it has one.</summary>
    /// <typeparam name="T">An element type.</typeparam>
    /// <param name="type">The data type.</param>
    /// <returns>False if there is none, as for a user's own struct.</returns>
    public static bool TryOf<T>(out DataType type)
        where T : unmanaged
    {
        // typeof(T) of a value type is a constant to the JIT and to AOT compilers: one branch is left of this chain.
        if (typeof(T) == typeof(float))
        {
            type = DataType.Float32;
        }
        else if (typeof(T) == typeof(double))
        {
            type = DataType.Float64;
        }
        else if (typeof(T) == typeof(Half))
        {
            type = DataType.Float16;
        }
        else if (typeof(T) == typeof(BFloat16))
        {
            type = DataType.BFloat16;
        }
        else if (typeof(T) == typeof(Float8E4M3))
        {
            type = DataType.Float8E4M3;
        }
        else if (typeof(T) == typeof(Float8E5M2))
        {
            type = DataType.Float8E5M2;
        }
        else if (typeof(T) == typeof(sbyte))
        {
            type = DataType.Int8;
        }
        else if (typeof(T) == typeof(byte))
        {
            type = DataType.UInt8;
        }
        else if (typeof(T) == typeof(short))
        {
            type = DataType.Int16;
        }
        else if (typeof(T) == typeof(ushort))
        {
            type = DataType.UInt16;
        }
        else if (typeof(T) == typeof(int))
        {
            type = DataType.Int32;
        }
        else if (typeof(T) == typeof(uint))
        {
            type = DataType.UInt32;
        }
        else if (typeof(T) == typeof(long))
        {
            type = DataType.Int64;
        }
        else if (typeof(T) == typeof(ulong))
        {
            type = DataType.UInt64;
        }
        else
        {
            // .NET 11 has a BFloat16 of its own, with the same bits; this library is compiled against .NET 10 and knows it by name.
            type = DataType.BFloat16;
            return typeof(T).FullName == "System.Numerics.BFloat16";
        }

        return true;
    }

    /// <summary>Bytes of one element.</summary>
    /// <param name="type">The data type.</param>
    /// <returns>1, 2, 4 or 8.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="type"/> is not a member of the enumeration.</exception>
    public static int ElementSize(this DataType type) => type switch
    {
        DataType.Int8 or DataType.UInt8 or DataType.Float8E4M3 or DataType.Float8E5M2 => 1,
        DataType.Int16 or DataType.UInt16 or DataType.Float16 or DataType.BFloat16 => 2,
        DataType.Int32 or DataType.UInt32 or DataType.Float32 => 4,
        DataType.Int64 or DataType.UInt64 or DataType.Float64 => 8,
        _ => throw Unknown(type),
    };

    /// <summary>Whether it is one of the integers.</summary>
    /// <param name="type">The data type.</param>
    /// <returns>False for floats of every size, and for what is not a member of the enumeration.</returns>
    public static bool IsInteger(this DataType type) => type
        is DataType.Int8 or DataType.UInt8 or DataType.Int16 or DataType.UInt16 or DataType.Int32 or DataType.UInt32 or DataType.Int64 or DataType.UInt64;

    /// <summary>The name that NCCL's tests print: <c>float</c>, <c>half</c>, <c>bfloat16</c>, <c>int8</c> and so on; <c>float8e4m3</c> and <c>float8e5m2</c> as in NCCL's header.</summary>
    /// <param name="type">The data type.</param>
    /// <returns>A name that <see cref="TryParse"/> takes.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="type"/> is not a member of the enumeration.</exception>
    public static string ShortName(this DataType type) => type switch
    {
        DataType.Int8 => "int8",
        DataType.UInt8 => "uint8",
        DataType.Int32 => "int32",
        DataType.UInt32 => "uint32",
        DataType.Int64 => "int64",
        DataType.UInt64 => "uint64",
        DataType.Float16 => "half",
        DataType.Float32 => "float",
        DataType.Float64 => "double",
        DataType.BFloat16 => "bfloat16",
        DataType.Float8E4M3 => "float8e4m3",
        DataType.Float8E5M2 => "float8e5m2",
        DataType.Int16 => "int16",
        DataType.UInt16 => "uint16",
        _ => throw Unknown(type),
    };

    /// <summary>Reads a short name; upper and lower case are the same. Beside the names of <see cref="ShortName"/>: <c>float16</c>, <c>float32</c>, <c>float64</c>, <c>f8e4m3</c>, <c>f8e5m2</c>.</summary>
    /// <param name="name">The name.</param>
    /// <param name="type">The data type.</param>
    /// <returns>Whether the name is known.</returns>
    public static bool TryParse(string? name, out DataType type)
    {
        DataType? found = name?.ToLowerInvariant() switch
        {
            "int8" => DataType.Int8,
            "uint8" => DataType.UInt8,
            "int32" => DataType.Int32,
            "uint32" => DataType.UInt32,
            "int64" => DataType.Int64,
            "uint64" => DataType.UInt64,
            "half" or "float16" => DataType.Float16,
            "float" or "float32" => DataType.Float32,
            "double" or "float64" => DataType.Float64,
            "bfloat16" => DataType.BFloat16,
            "float8e4m3" or "f8e4m3" => DataType.Float8E4M3,
            "float8e5m2" or "f8e5m2" => DataType.Float8E5M2,
            "int16" => DataType.Int16,
            "uint16" => DataType.UInt16,
            _ => null,
        };
        type = found.GetValueOrDefault();
        return found.HasValue;
    }

    private static ArgumentOutOfRangeException Unknown(DataType type)
        => new(nameof(type), type, $"DataType {(byte)type} does not exist: the types are {string.Join(", ", Enum.GetNames<DataType>())}.");
}
