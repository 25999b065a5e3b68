using System.Text.Json;

namespace RdmaCollectives.Schedules.Json;

/// <summary>The members of a step object as they are read, in any order; then the step.</summary>
internal sealed class StepFields
{
    private static readonly string[] Names = ["kind", "channel", "sourceChunk", "chunk", "count", "from", "to", "source", "destination", "isFinal", "isOwnLeft"];

    private readonly List<string> _given = [];
    private StepKind? _kind;
    private int _channel;
    private int? _sourceChunk;
    private int? _chunk;
    private int _count = 1;
    private int? _from;
    private int? _to;
    private StepBuffer _source = StepBuffer.Input;
    private StepBuffer _destination = StepBuffer.Output;
    private bool _isFinal;
    private bool _isOwnLeft;

    /// <summary>Whether a kind has a member of a name.</summary>
    public static bool Has(StepKind kind, string name) => name switch
    {
        "from" => kind is >= StepKind.Receive and <= StepKind.ReceiveCopySend,
        "to" => kind is StepKind.Send or StepKind.ReceiveReduceSend or StepKind.ReceiveReduceCopySend or StepKind.ReceiveCopySend,
        "sourceChunk" => kind is StepKind.Copy or StepKind.Reduce,
        "source" => kind is not (StepKind.Receive or StepKind.ReceiveCopySend),
        "destination" => kind is not (StepKind.Send or StepKind.ReceiveReduceSend),
        "isFinal" => kind is not (StepKind.Send or StepKind.Receive or StepKind.ReceiveCopySend),
        "isOwnLeft" => kind is not (StepKind.Send or StepKind.Receive or StepKind.ReceiveCopySend or StepKind.Copy),
        _ => true,
    };

    /// <summary>Takes the member whose value is at the reader.</summary>
    public void Set(string name, ref Utf8JsonReader reader)
    {
        if (_given.Contains(name, StringComparer.Ordinal))
        {
            throw new JsonException($"\"{name}\" is there twice");
        }

        _given.Add(name);
        switch (name)
        {
            case "kind": _kind = NameConverter<StepKind>.ReadValue(ref reader); break;
            case "channel": _channel = ReadNumber(name, ref reader, 0, byte.MaxValue); break;
            case "sourceChunk": _sourceChunk = ReadNumber(name, ref reader, 0, int.MaxValue); break;
            case "chunk": _chunk = ReadNumber(name, ref reader, 0, int.MaxValue); break;
            case "count": _count = ReadNumber(name, ref reader, 1, Step.MaxCount); break;
            case "from": _from = ReadNumber(name, ref reader, 0, int.MaxValue); break;
            case "to": _to = ReadNumber(name, ref reader, 0, int.MaxValue); break;
            case "source": _source = NameConverter<StepBuffer>.ReadValue(ref reader); break;
            case "destination": _destination = NameConverter<StepBuffer>.ReadValue(ref reader); break;
            case "isFinal": _isFinal = ReadFlag(name, ref reader); break;
            case "isOwnLeft": _isOwnLeft = ReadFlag(name, ref reader); break;
            default: throw new JsonException($"a step has no \"{name}\"; it has {Quote(_kind is { } kind ? Names.Where(known => Has(kind, known)) : Names)}");
        }
    }

    /// <summary>The step; a member that is missing, or that its kind does not have, is an error.</summary>
    public Step ToStep()
    {
        StepKind kind = _kind ?? throw new JsonException($"a step needs \"kind\", one of {string.Join(", ", Enum.GetNames<StepKind>())}");
        if (_given.Find(name => !Has(kind, name)) is { } excess)
        {
            throw new JsonException($"{kind} has no \"{excess}\"; it has {Quote(Names.Where(name => Has(kind, name)))}");
        }

        int chunk = Needed(kind, "chunk", _chunk);
        int from = Has(kind, "from") ? Needed(kind, "from", _from) : -1;
        int to = Has(kind, "to") ? Needed(kind, "to", _to) : -1;
        return kind switch
        {
            StepKind.Send => Step.Send(_channel, chunk, to, _source, _count),
            StepKind.Receive => Step.Receive(_channel, chunk, from, _destination, _count),
            StepKind.ReceiveReduce => Step.ReceiveReduce(_channel, chunk, from, _source, _destination, _isFinal, _isOwnLeft, _count),
            StepKind.ReceiveReduceSend => Step.ReceiveReduceSend(_channel, chunk, from, to, _source, _isFinal, _isOwnLeft, _count),
            StepKind.ReceiveReduceCopySend => Step.ReceiveReduceCopySend(_channel, chunk, from, to, _source, _destination, _isFinal, _isOwnLeft, _count),
            StepKind.ReceiveCopySend => Step.ReceiveCopySend(_channel, chunk, from, to, _destination, _count),
            StepKind.Copy => Step.Copy(_channel, _sourceChunk ?? chunk, _source, chunk, _destination, _isFinal, _count),
            _ => Step.Reduce(_channel, _sourceChunk ?? chunk, _source, chunk, _destination, _isFinal, _isOwnLeft, _count),
        };
    }

    private static string Quote(IEnumerable<string> names) => string.Join(", ", names.Select(static name => $"\"{name}\""));

    private static int Needed(StepKind kind, string name, int? value) => value ?? throw new JsonException($"{kind} needs \"{name}\"");

    private static int ReadNumber(string name, ref Utf8JsonReader reader, int least, int most) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int value) && value >= least && value <= most
            ? value
            : throw new JsonException($"\"{name}\" is {JsonText.Show(reader)}; a whole number from {least}{(most == int.MaxValue ? "" : $" to {most}")} is wanted");

    private static bool ReadFlag(string name, ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        _ => throw new JsonException($"\"{name}\" is {JsonText.Show(reader)}; true or false is wanted"),
    };
}
