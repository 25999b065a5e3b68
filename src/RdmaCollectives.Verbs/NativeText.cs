using System.Runtime.InteropServices;
using System.Text;

namespace RdmaCollectives.Verbs;

internal static unsafe class NativeText
{
    /// <summary>The text in a fixed-size C array, up to its terminator or its end.</summary>
    internal static string Read(byte* text, int capacity)
    {
        ReadOnlySpan<byte> bytes = new(text, capacity);
        int end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }
}
