namespace RdmaCollectives.Execution;

/// <summary>One call of a group.</summary>
internal class GroupStage(in Call call) : IDisposable
{
    private readonly Call _call = call;

    public ref readonly Call Call => ref _call;

    /// <summary>Before the call.</summary>
    public virtual void Begin()
    {
    }

    /// <summary>After the call, if it came to its end.</summary>
    public virtual void End()
    {
    }

    public virtual void Dispose()
    {
    }
}
