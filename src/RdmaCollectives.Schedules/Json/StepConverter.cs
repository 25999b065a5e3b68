using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RdmaCollectives.Schedules.Json;

/// <summary>A step as an object: <c>kind</c>, and the parameters of the method of <see cref="Step"/> that has the kind's name, with the same defaults.</summary>
internal sealed class StepConverter : JsonConverter<Step>
{
    /// <inheritdoc/>
    public override Step Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException($"{JsonText.Show(reader)} is not a step; a step is an object such as {{ \"kind\": \"Send\", \"chunk\": 0, \"to\": 1 }}");
        }

        var fields = new StepFields();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            fields.Set(name, ref reader);
        }

        return fields.ToStep();
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Step value, JsonSerializerOptions options) => writer.WriteRawValue(Format(value));

    /// <summary>The step on one line; what is the default is left out.</summary>
    public static string Format(in Step step)
    {
        var text = new StringBuilder($"{{ \"kind\": \"{step.Kind}\"");
        bool isLocal = step.Kind is StepKind.Copy or StepKind.Reduce;
        Add(step.Channel != 0, "channel", step.Channel);
        Add(isLocal && step.SourceChunk != step.Chunk, "sourceChunk", step.SourceChunk);
        Add(isWritten: true, "chunk", step.Chunk);
        Add(step.Count != 1, "count", step.Count);
        Add(step.HasReceive, "from", step.ReceivePeer);
        Add(step.HasSend, "to", step.SendPeer);
        AddName(StepFields.Has(step.Kind, "source") && step.Source != StepBuffer.Input, "source", step.Source);
        AddName(StepFields.Has(step.Kind, "destination") && step.Destination != StepBuffer.Output, "destination", step.Destination);
        AddFlag(step.IsFinal, "isFinal");
        AddFlag(step.IsOwnLeft, "isOwnLeft");
        return text.Append(" }").ToString();

        void Add(bool isWritten, string name, int value) => _ = isWritten ? text.Append($", \"{name}\": {value}") : text;
        void AddName(bool isWritten, string name, StepBuffer value) => _ = isWritten ? text.Append($", \"{name}\": \"{value}\"") : text;
        void AddFlag(bool isWritten, string name) => _ = isWritten ? text.Append($", \"{name}\": true") : text;
    }
}
