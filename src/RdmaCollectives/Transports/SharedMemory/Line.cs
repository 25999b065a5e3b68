namespace RdmaCollectives.Transports.SharedMemory;

/// <summary>
/// One message of a FIFO, in one cache line of eight words that its sender alone writes:
/// <code>
/// word 0     message number + 1: written last, and it makes the rest of the line and the payload valid
/// word 1..2  the message header
/// word 3     where the payload lies (<see cref="PayloadPlace"/>); for a pull the registration's index above it
/// word 4..7  up to 32 bytes of payload; for a pull: generation, offset, descriptor and size of the registration; for what was stored in the receiver's output: word 5 is its offset there
/// </code>
/// A small message is thus one line that moves between two caches, once.
/// </summary>
internal static class Line
{
    public const int ByteSize = 64;
    public const int WordCount = 8;
    public const int InlineBytes = 32;

    public const int Number = 0;
    public const int Header = 1;
    public const int Place = 3;
    public const int Payload = 4;

    public const int Generation = 4;
    public const int Offset = 5;
    public const int Descriptor = 6;
    public const int Size = 7;

    public const int IndexShift = 32;
}
