using RdmaCollectives.Diagnostics;

namespace RdmaCollectives;

/// <summary>
/// The communicator has a fault: sticky, the same on every rank, in words too; every later call throws one of these at once. When it is thrown nobody can write to the caller's
/// memory for the interrupted operation any more. The communicator stays unusable: make one of the ranks that are left with <see cref="Communicator.Shrink"/>, or dispose it and start the job again.
/// </summary>
public sealed class CommunicatorFaultException : CollectiveException
{
    internal CommunicatorFaultException(Fault fault, string? operation, ulong sequence, Exception? innerException = null)
        : base(fault, operation, sequence, innerException)
    {
        Reason = fault.Error;
    }

    /// <summary>Why the communicator is at fault; the same as <see cref="CollectiveException.Error"/>.</summary>
    public Error Reason { get; }
}
