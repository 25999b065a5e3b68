using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs;

/// <summary>
/// How one work request ended; the C struct <c>ibv_wc</c> itself. Of a failed one only <see cref="WorkRequestId"/>, <see cref="Status"/>,
/// <see cref="VendorError"/> and <see cref="QueuePairNumber"/> mean anything (man ibv_poll_cq), so the other members refuse to answer.
/// </summary>
public readonly struct WorkCompletion
{
    private readonly ibv_wc _native;

    internal WorkCompletion(in ibv_wc native) => _native = native;

    /// <summary>The id that the request was posted with.</summary>
    public ulong WorkRequestId => _native.wr_id;

    /// <summary>How it ended. To be read before anything else.</summary>
    public CompletionStatus Status => (CompletionStatus)_native.status;

    /// <summary>Whether it was carried out.</summary>
    public bool IsSuccess => _native.status == ibv_wc_status.IBV_WC_SUCCESS;

    /// <summary>The local queue pair.</summary>
    public uint QueuePairNumber => _native.qp_num;

    /// <summary>The device's own code for a failure.</summary>
    public uint VendorError => _native.vendor_err;

    /// <summary>What ended.</summary>
    /// <exception cref="InvalidOperationException">The request failed.</exception>
    public CompletionOpcode Opcode => Checked((CompletionOpcode)_native.opcode);

    /// <summary>The number of bytes received or read. Not set for sends and writes.</summary>
    /// <exception cref="InvalidOperationException">The request failed.</exception>
    public uint ByteCount => Checked(_native.byte_len);

    /// <summary>Whether the message carried an immediate.</summary>
    /// <exception cref="InvalidOperationException">The request failed.</exception>
    public bool HasImmediate => Checked((_native.wc_flags & (uint)ibv_wc_flags.IBV_WC_WITH_IMM) != 0);

    /// <summary>The 32 bits that came with the message, as the sender gave them; meaningful when <see cref="HasImmediate"/>.</summary>
    /// <exception cref="InvalidOperationException">The request failed.</exception>
    public uint Immediate => Checked(BinaryPrimitives.ReverseEndianness(_native.imm_data));

    /// <summary>The failure in words, as an exception for whoever reports it.</summary>
    /// <param name="operation">What was tried, such as <c>RDMA write</c>.</param>
    /// <param name="objectName">On what; by default the queue pair by its number.</param>
    /// <exception cref="InvalidOperationException">The request succeeded.</exception>
    public VerbsException ToException(string operation = "work request", string? objectName = null)
    {
        if (IsSuccess)
            throw new InvalidOperationException("A completion that succeeded has no exception.");
        return VerbsException.FromCompletion(Status, VendorError, operation, objectName ?? $"queue pair {QueuePairNumber}");
    }

    /// <inheritdoc/>
    public override string ToString() => IsSuccess
        ? $"request {WorkRequestId} on queue pair {QueuePairNumber}: {Opcode}"
        : $"request {WorkRequestId} on queue pair {QueuePairNumber}: {Status.Describe()} ({(int)Status})";

    private T Checked<T>(T value)
    {
        if (!IsSuccess)
            ThrowNotSet();
        return value;
    }

    [DoesNotReturn]
    private void ThrowNotSet() => throw new InvalidOperationException($"The request failed ({Status.Describe()}): this member of its completion is not set. Look at {nameof(Status)} first.");
}
