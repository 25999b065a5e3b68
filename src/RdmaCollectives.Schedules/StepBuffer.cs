namespace RdmaCollectives.Schedules;

/// <summary>The buffers that a step can name. In place, <see cref="Input"/> and <see cref="Output"/> are the same memory.</summary>
public enum StepBuffer : byte
{
    /// <summary>The caller's send buffer; never written by a step (in place: by the steps that write the output).</summary>
    Input = 0,

    /// <summary>The caller's receive buffer.</summary>
    Output = 1,

    /// <summary>Working memory of the plan, laid out in chunks like the output.</summary>
    Scratch = 2,
}
