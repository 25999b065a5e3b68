using System.Text;

namespace RdmaCollectives.Diagnostics;

/// <summary>Text in what ranks tell each other: UTF-8 of a bounded length.</summary>
internal static class TravellingText
{
    /// <summary>The text in at most so many bytes; what is too long ends before the first character that does not fit, never inside of one: a parser refuses what is not UTF-8.</summary>
    public static byte[] Shortened(string text, int maxBytes)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length <= maxBytes)
        {
            return bytes;
        }

        int end = maxBytes;
        while ((bytes[end] & 0xC0) == 0x80)
        {
            end--; // inside of a character
        }

        return bytes[..end];
    }
}
