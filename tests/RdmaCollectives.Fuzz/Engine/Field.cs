namespace RdmaCollectives.Fuzz.Engine;

/// <summary>What a part of a message is, so that the mutator knows which values are interesting there.</summary>
internal enum FieldKind
{
    /// <summary>A little-endian number.</summary>
    Number,

    /// <summary>A number that says how many bytes or entries follow.</summary>
    Length,

    /// <summary>A version, kind, flag or mode: few values are right.</summary>
    Choice,

    /// <summary>UTF-8.</summary>
    Text,

    /// <summary>Random bytes, keys, nested messages.</summary>
    Opaque,
}

/// <summary>A part of a message.</summary>
internal readonly record struct Field(int Offset, int Length, FieldKind Kind);

/// <summary>A message that a real encoder made, with its parts.</summary>
internal sealed record Sample(byte[] Bytes, IReadOnlyList<Field> Fields);
