namespace RdmaCollectives.Fuzz.Engine;

/// <summary>
/// A pair of encoder and parser. What is made is read back equal (<c>parse(encode(x)) == x</c>); what is taken is the one way to write it (<c>encode(parse(y)) == y</c>), so that nothing rides along unseen.
/// </summary>
/// <typeparam name="T">What the bytes say.</typeparam>
internal sealed class CodecTarget<T> : FuzzTarget
{
    public required string Title { get; init; }

    public required string[] Files { get; init; }

    public required Func<Random, T> Make { get; init; }

    public required Func<T, byte[]> Encode { get; init; }

    /// <summary>Throws what <see cref="IsDeclared"/> knows, or says false in <see cref="IsRefusal"/>, for bytes that are none.</summary>
    public required Func<byte[], T> Parse { get; init; }

    public required Func<byte[], Sample> Describe { get; init; }

    /// <summary>The exceptions that the parser documents.</summary>
    public required Func<Exception, bool> IsDeclared { get; init; }

    /// <summary>Parsers that return null for what they refuse.</summary>
    public Func<T, bool> IsRefusal { get; init; } = static read => read is null;

    /// <summary>Equality of what was read; <see cref="object.Equals(object?)"/> where it suffices.</summary>
    public Func<T, T, bool> AreEqual { get; init; } = static (one, other) => EqualityComparer<T>.Default.Equals(one, other);

    /// <summary>What must hold of everything that is taken; null, or what is wrong with it.</summary>
    public Func<T, string?> WhatIsWrong { get; init; } = static _ => null;

    public override string Name => Title;

    public override IReadOnlyList<string> Sources => Files;

    public override Sample Generate(Random random)
    {
        T made = Make(random);
        byte[] bytes = Encode(made);
        T read = Parse(bytes);
        if (IsRefusal(read) || !AreEqual(made, read))
        {
            throw new BrokenInvariantException($"what was written, {made}, is read back as {read}");
        }

        return Describe(bytes);
    }

    public override Outcome Run(byte[] input)
    {
        T read;
        try
        {
            read = Parse(input);
        }
        catch (Exception e) when (IsDeclared(e))
        {
            return Outcome.Refused;
        }

        if (IsRefusal(read))
        {
            return Outcome.Refused;
        }

        if (WhatIsWrong(read) is { } wrong)
        {
            throw new BrokenInvariantException($"taken, although {wrong}");
        }

        byte[] again = Encode(read);
        return again.AsSpan().SequenceEqual(input)
            ? Outcome.Accepted
            : throw new BrokenInvariantException($"taken, but what was read is written as {Convert.ToHexStringLower(again)}");
    }
}
