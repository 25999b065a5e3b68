using RdmaCollectives.Memory;

namespace RdmaCollectives.Transports.SharedMemory;

/// <summary>Results that a rank stores straight into another's output (docs/adr/0023-output-windows.md). A window belongs to a pair of ranks: whichever of their connections is asked, it is the same.</summary>
internal sealed unsafe partial class SharedMemoryConnection
{
    private readonly OutputWindow<MachineMemory> _ownWindow;
    private readonly OutputWindow<MachineMemory> _peersWindow;

    public override bool HasWindows => _transport.HasWindows;

    /// <summary>Whether the peer is in the middle of storing in this rank's output.</summary>
    public bool IsPeerStoring => _ownWindow.IsPeerStoring();

    public override void OpenOutput(in MessageHeader call, byte* output, ulong byteCount, MemoryRegistration registration)
    {
        if (!_isDead && registration.Keys[TransportIndex.SharedMemory] is RegistrationKey key)
        {
            _transport.NoteOpen(CallOf(call), output, byteCount, registration);
            _ownWindow.Open(CallOf(call), key.RangeAt(output), byteCount);
        }
    }

    public override byte* TryGetPeersOutput(in MessageHeader header, ulong offset)
    {
        if (_isDead || !_peersWindow.IsOpen(CallOf(header)))
        {
            return null;
        }

        PulledRange place = _peersWindow.Place(out ulong byteCount);
        if (offset > byteCount || header.ByteCount > byteCount - offset || _peer.Mappings.ResolveWritable(_peer.ProcessId, place) is not { } output || !_peersWindow.TryEnter())
        {
            return null;
        }

        return (byte*)output + offset;
    }

    public override void SendStored(in MessageHeader header, ulong offset)
    {
        _peersWindow.Leave();
        if (!_isDead)
        {
            _transport.StoredCount++;
            _send.SendStored(header.FirstWord, SecondWord(header), offset);
            RingFor(header.ByteCount);
        }
    }

    public override void AbandonStored() => _peersWindow.Leave();

    private bool TryLocateStored(in MessageHeader header, ulong offset, out byte* payload)
    {
        payload = _transport.OpenOutputOf(CallOf(header), offset, header.ByteCount);
        return payload is not null || Fail(out payload, Error.Protocol, $"{header.ByteCount} bytes are said to be stored at offset {offset} of this rank's output, which is not open there.");
    }

    // Of the calls that two ranks may be in at one time, no two have the same sequence.
    private static ulong CallOf(in MessageHeader header) => ((ulong)header.Hash << 32) | header.Sequence;
}
