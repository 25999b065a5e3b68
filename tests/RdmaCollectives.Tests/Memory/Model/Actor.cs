namespace RdmaCollectives.Tests.Memory.Model;

/// <summary>One thread of a modelled program: a state machine whose every step is one call of the code under test. All its fields are values, so that a copy is a snapshot.</summary>
internal abstract class Actor
{
    public bool IsDone { get; protected set; }

    /// <summary>What this thread found to be wrong, or null.</summary>
    public string? Violation { get; protected set; }

    public Actor Snapshot() => (Actor)MemberwiseClone();

    /// <summary>Runs the next call. The copy that it runs on is thrown away if the replay stopped in it.</summary>
    public abstract void Step(Replay replay);

    /// <summary>Everything that decides what this thread does next.</summary>
    public abstract void AddTo(ref StateHash hash);

    protected void Expect(ulong expected, ulong actual, string what)
    {
        if (actual != expected && !ModelMemory.Current.IsStopped)
        {
            Violation = $"{what} is {actual}, expected {expected}";
        }
    }
}
