using RdmaCollectives.Diagnostics;
using RdmaCollectives.Planning;
using RdmaCollectives.Reduction;

namespace RdmaCollectives.Execution;

/// <summary>A call as the public face hands it to the engine: checked, untyped, with its memory pinned or owned.</summary>
internal unsafe struct Call
{
    public required CallKind Kind;

    /// <summary><see cref="RdmaCollectives.DataType"/>, or 255 for a user's own type.</summary>
    public required byte DataType;

    /// <summary><see cref="RdmaCollectives.ReduceOp"/>, 255 for a user's own reducer; <see cref="CallDescription.NoReduction"/> where nothing is reduced.</summary>
    public required byte ReduceOp;

    /// <summary>What reduces; where nothing does, it has the element size alone.</summary>
    public required ReduceKernel Kernel;

    public void* KernelState;
    public uint UserTypeHash;

    /// <summary>The send buffer, and its elements; for transfers what is sent.</summary>
    public byte* Input;
    public ulong InputLength;

    /// <summary>The receive buffer, and its elements.</summary>
    public byte* Output;
    public ulong OutputLength;

    /// <summary>Elements of the buffer, or of one block where buffers have a block per rank; 0 where blocks are of different sizes.</summary>
    public ulong ElementCount;

    /// <summary>The sizes of the blocks where these differ, else null.</summary>
    public BlockSizes? Blocks;

    /// <summary>A hash of the sizes where all ranks know all of them, else 0.</summary>
    public uint CountsHash;

    public int Root;

    /// <summary>Whom a transfer goes to and comes from; -1 for nobody, <see cref="Transfer.Any"/>.</summary>
    public int SendPeer;
    public int ReceivePeer;

    /// <summary>The transfers of a group, filled in already; null for those that this call describes itself.</summary>
    public TransferSet? Transfers;

    public bool IsBitExact;

    /// <summary>The schedule that the caller named, or null.</summary>
    public string? Algorithm;

    /// <summary>Zero: the communicator's own.</summary>
    public TimeSpan Deadline;

    /// <summary>What the caller calls it, or null.</summary>
    public string? Name;

    public readonly bool IsTransfer => Kind >= CallKind.Send;

    /// <summary>What its plan is a function of.</summary>
    public readonly PlanKey Key
    {
        get
        {
            PlanDemands demands = (Kernel.Combine != null && !Kernel.IsCommutative ? PlanDemands.RankOrder : PlanDemands.None)
                | (Kernel.Combine != null && IsBitExact ? PlanDemands.FixedTree : PlanDemands.None)
                | (Blocks is not null ? PlanDemands.VariableBlocks : PlanDemands.None);
            return new PlanKey((Schedules.CollectiveKind)Kind, Kernel.ElementSize, ElementCount, Root, demands, Algorithm);
        }
    }

    /// <summary>For people; the sequence is filled in when the call starts.</summary>
    public readonly CallDescription Describe(ulong sequence, int epoch, uint planFingerprint) => new()
    {
        Kind = Kind,
        DataType = DataType,
        ReduceOp = ReduceOp,
        ElementSize = (byte)Math.Min(Kernel.ElementSize, byte.MaxValue),
        HasCounts = Blocks is not null,
        IsBitExact = IsBitExact,
        Root = !IsTransfer ? Root : SendPeer >= 0 ? SendPeer : ReceivePeer,
        ElementCount = IsTransfer ? Math.Max(InputLength, OutputLength) : ElementCount,
        Sequence = sequence,
        Epoch = epoch,
        PlanFingerprint = planFingerprint,
        UserTypeHash = UserTypeHash,
        CountsHash = CountsHash,
        Name = Name,
    };
}
