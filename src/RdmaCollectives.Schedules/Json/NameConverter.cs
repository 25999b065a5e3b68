using System.Text.Json;
using System.Text.Json.Serialization;

namespace RdmaCollectives.Schedules.Json;

/// <summary>An enum by the names of its members, as they are in C#; no numbers, no other case.</summary>
internal sealed class NameConverter<T> : JsonConverter<T>
    where T : struct, Enum
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => ReadValue(ref reader);

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());

    /// <summary>The value at the reader.</summary>
    /// <exception cref="JsonException">It is not a member; the message has those that are.</exception>
    public static T ReadValue(ref Utf8JsonReader reader)
    {
        string[] names = Enum.GetNames<T>();
        int index = reader.TokenType == JsonTokenType.String ? Array.IndexOf(names, reader.GetString()) : -1;
        return index >= 0 ? Enum.GetValues<T>()[index] : throw new JsonException($"{JsonText.Show(reader)} is not one of {string.Join(", ", names)}");
    }
}
