using System.Globalization;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Configuration;

/// <summary>How the text of options is read and written. A reader returns null for what it does not understand.</summary>
internal static class OptionText
{
    public static int? Integer(string text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) ? value : null;

    public static bool? Switch(string text) => text.ToUpperInvariant() switch
    {
        "1" or "TRUE" or "YES" or "ON" => true,
        "0" or "FALSE" or "NO" or "OFF" => false,
        _ => null,
    };

    /// <summary>Seconds, with fractions.</summary>
    public static TimeSpan? Seconds(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && Math.Abs(seconds) < 1e9 ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>Bytes, with K or M for 1024 and 1024 x 1024.</summary>
    public static int? Bytes(string text)
    {
        int unit = text is [.., 'K' or 'k'] ? 1024 : text is [.., 'M' or 'm'] ? 1024 * 1024 : 1;
        string digits = unit == 1 ? text : text[..^1];
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value <= int.MaxValue / unit ? value * unit : null;
    }

    /// <summary>Bytes, with G for 1024 x 1024 x 1024 too.</summary>
    public static long? ManyBytes(string text)
    {
        int shift = text is [.., 'K' or 'k'] ? 10 : text is [.., 'M' or 'm'] ? 20 : text is [.., 'G' or 'g'] ? 30 : 0;
        string digits = shift == 0 ? text : text[..^1];
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value <= long.MaxValue >> shift ? value << shift : null;
    }

    /// <summary>A number, or with 0x before it a hexadecimal one.</summary>
    public static int? HexOrInteger(string text) => !text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? Integer(text)
        : int.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value) ? value : null;

    /// <summary>A partition key as it is always written.</summary>
    public static string ShowKey(int? key) => $"0x{key:x4}";

    /// <summary>A label, or <see cref="ResolvedOptions.AutomaticFlowLabel"/>; null for what is neither.</summary>
    public static int? FlowLabel(string text) => string.Equals(text, "auto", StringComparison.OrdinalIgnoreCase) ? ResolvedOptions.AutomaticFlowLabel
        : HexOrInteger(text) is { } label and >= 0 and <= 0xfffff ? label : null;

    public static string Any(string text) => text;

    public static string Show(long? value) => value!.Value.ToString(CultureInfo.InvariantCulture);

    public static string Show(int? value) => value!.Value.ToString(CultureInfo.InvariantCulture);

    public static string Show(bool? value) => value!.Value ? "1" : "0";

    public static string Show(TimeSpan? value) => value!.Value.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);

    public static EncryptionScope? Encryption(string text) => text.ToUpperInvariant() switch
    {
        "OFF" => EncryptionScope.Off,
        "TCP" => EncryptionScope.Tcp,
        "ALL" => EncryptionScope.All,
        _ => null,
    };

    public static string Show(EncryptionScope? scope) => scope switch
    {
        EncryptionScope.Off => "off",
        EncryptionScope.Tcp => "tcp",
        EncryptionScope.All => "all",
        _ => $"{scope}",
    };

    public static WaitMode? Wait(string text) => text.ToUpperInvariant() switch
    {
        "ADAPTIVE" => WaitMode.Adaptive,
        "BUSY" => WaitMode.Busy,
        "EVENT" => WaitMode.Event,
        _ => null,
    };

    public static string Show(WaitMode? mode) => mode switch
    {
        WaitMode.Adaptive => "adaptive",
        WaitMode.Busy => "busy",
        WaitMode.Event => "event",
        _ => $"{mode}",
    };

    /// <summary>The transports that a list allows, by <see cref="TransportIndex"/>; null when it is not a list of their names.</summary>
    public static bool[]? Transports(string list)
    {
        bool[] allowed = new bool[TransportIndex.Count];
        foreach (string name in list.Split(',', StringSplitOptions.TrimEntries))
        {
            if (string.Equals(name, "auto", StringComparison.Ordinal))
            {
                Array.Fill(allowed, true);
                continue;
            }

            int index = Enumerable.Range(0, TransportIndex.Count).FirstOrDefault(i => string.Equals(TransportIndex.NameOf(i), name, StringComparison.Ordinal), -1);
            if (index < 0)
            {
                return null;
            }

            allowed[index] = true;
        }

        return allowed;
    }
}
