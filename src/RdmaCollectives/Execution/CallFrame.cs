using RdmaCollectives.Planning;
using RdmaCollectives.Reduction;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Execution;

/// <summary>One call while it runs: its work, where the caller's memory lies, and what every message of it says.</summary>
internal unsafe struct CallFrame
{
    /// <summary>The plan or the transfers.</summary>
    public Work Work;

    /// <summary>The plan of a collective; null where transfers run.</summary>
    public Plan? Plan;

    /// <summary>The caller's send buffer; equal to <see cref="Output"/> in place.</summary>
    public byte* Input;

    public byte* Output;

    /// <summary>The registrations that hold the buffers, or null for memory that is only pinned.</summary>
    public MemoryRegistration? InputRegistration;

    public MemoryRegistration? OutputRegistration;

    public ReduceKernel Kernel;

    /// <summary>The state of the kernel: a user's reducer, else null.</summary>
    public void* KernelState;

    /// <summary>Hash, sequence, kind and epoch of every message; the byte count differs.</summary>
    public MessageHeader Header;

    /// <summary><see cref="System.Diagnostics.Stopwatch"/> time at which the call was begun.</summary>
    public long Entered;

    /// <summary>How long it may take, in the same unit.</summary>
    public long Allowance;

    /// <summary><see cref="System.Diagnostics.Stopwatch"/> time at which the call becomes a fault.</summary>
    public long Deadline;
}
