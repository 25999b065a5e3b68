using RdmaCollectives.Diagnostics;
using RdmaCollectives.Reduction;
using RdmaCollectives.Schedules;

namespace RdmaCollectives.Execution;

/// <summary>A call as the public face hands it to the engine: checked, untyped, with its memory pinned or owned.</summary>
internal unsafe struct Call
{
    public required CollectiveKind Collective;
    public required byte DataType;
    public required byte ReduceOp;
    public required ReduceKernel Kernel;
    public void* KernelState;
    public uint UserTypeHash;
    public required byte* Input;
    public required byte* Output;
    public required ulong ElementCount;
    public int Root;

    /// <summary>Zero: the communicator's own.</summary>
    public TimeSpan Deadline;

    /// <summary>For people; the sequence is filled in when the call starts.</summary>
    public readonly CallDescription Describe(ulong sequence, int epoch, uint planFingerprint) => new()
    {
        Collective = Collective,
        DataType = DataType,
        ReduceOp = ReduceOp,
        ElementSize = (byte)Math.Min(Kernel.ElementSize, byte.MaxValue),
        Root = Root,
        ElementCount = ElementCount,
        Sequence = sequence,
        Epoch = epoch,
        PlanFingerprint = planFingerprint,
        UserTypeHash = UserTypeHash,
    };
}
