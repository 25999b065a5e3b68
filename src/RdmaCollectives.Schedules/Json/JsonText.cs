using System.Text;
using System.Text.Json;

namespace RdmaCollectives.Schedules.Json;

/// <summary>What is at a reader, for messages.</summary>
internal static class JsonText
{
    /// <summary>The value as it is in the file; for an object or a list the word for it.</summary>
    public static string Show(in Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "a list",
        JsonTokenType.String => $"\"{reader.GetString()}\"",
        _ => Encoding.UTF8.GetString(reader.ValueSpan),
    };
}
