namespace RdmaCollectives.Fuzz.Engine;

/// <summary>Names the parts of an encoded message from its front to its end. What is left unnamed is opaque.</summary>
internal sealed class Layout(byte[] bytes)
{
    private readonly List<Field> _fields = [];
    private int _at;

    public Layout Number(int length) => Add(length, FieldKind.Number);

    public Layout Size(int length) => Add(length, FieldKind.Length);

    public Layout Choice(int length = 1) => Add(length, FieldKind.Choice);

    public Layout Text(int length) => Add(length, FieldKind.Text);

    public Layout Opaque(int length) => Add(length, FieldKind.Opaque);

    /// <summary>The byte at the present place, for lengths that are one.</summary>
    public int Peek(int ahead = 0) => bytes[_at + ahead];

    /// <summary>The 16 bits at the present place.</summary>
    public int PeekShort() => BitConverter.ToUInt16(bytes, _at);

    public bool IsAtEnd => _at >= bytes.Length;

    public Sample Done(FieldKind rest = FieldKind.Opaque)
    {
        if (_at < bytes.Length)
        {
            Add(bytes.Length - _at, rest);
        }

        return new Sample(bytes, _fields);
    }

    private Layout Add(int length, FieldKind kind)
    {
        if (length > 0)
        {
            _fields.Add(new Field(_at, length, kind));
            _at += length;
        }

        return this;
    }
}
