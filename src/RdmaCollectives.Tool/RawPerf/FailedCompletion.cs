using System.Diagnostics.CodeAnalysis;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Tool.RawPerf;

/// <summary>Ends a loop: the status in words, with the device, port and address of this end and the peer's.</summary>
internal static class FailedCompletion
{
    [DoesNotReturn]
    public static void Throw(RawEnd end, in WorkCompletion completion, string operation) => throw completion.ToException(operation, end.Describe(completion.QueuePairNumber));
}
