namespace RdmaCollectives.Fuzz.Engine;

/// <summary>One parser of bytes that arrive from elsewhere.</summary>
internal abstract class FuzzTarget : IDisposable
{
    /// <summary>How it is called on the command line and in the corpus.</summary>
    public abstract string Name { get; }

    /// <summary>The source files whose coverage is reported, by their ends (<c>Bootstrap/FaultCodec.cs</c>).</summary>
    public abstract IReadOnlyList<string> Sources { get; }

    /// <summary>A valid message of a real encoder, with random contents.</summary>
    public abstract Sample Generate(Random random);

    /// <summary>Makes what the next input is fed to, where each has its own: what that allocates is not the parser's.</summary>
    public virtual void Prepare()
    {
    }

    /// <summary>Feeds one input. Returns what the parser did; throws <see cref="BrokenInvariantException"/> where that was wrong, and lets through what the parser was never to throw.</summary>
    public abstract Outcome Run(byte[] input);

    /// <summary>Whether what <see cref="Generate"/> makes must be taken.</summary>
    public virtual bool TakesItsSamples => true;

    /// <summary>The most that a parser may allocate for an input.</summary>
    public virtual long AllocationBound(int inputBytes) => (64L * inputBytes) + (64 * 1024);

    public virtual void Dispose()
    {
    }
}
