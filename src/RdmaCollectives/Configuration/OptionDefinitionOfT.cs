namespace RdmaCollectives.Configuration;

/// <summary>One option: its property, its variable, how its text is read, what is allowed. <typeparamref name="T"/> has a null that means "not set" (<c>int?</c>, <c>string</c>).</summary>
internal sealed class OptionDefinition<T> : OptionDefinition
{
    public required Func<CommunicatorOptions, T?> Explicit { get; init; }

    /// <summary>Null when the text is not a value of this kind.</summary>
    public required Func<string, T?> Parse { get; init; }

    public required Func<T, bool> IsAllowed { get; init; }

    public required Func<T, string> Format { get; init; }

    public T? Default { get; init; }

    public override string DefaultText => Default is null ? DefaultInWords ?? "" : Format(Default);

    /// <summary>The value by precedence: explicit, environment, launcher, file, default. One that is not valid is put on the reader's list, and the default stands in for it.</summary>
    public Setting<T?> Find(OptionReader reader)
    {
        if (Explicit(reader.Options) is { } value)
        {
            if (!IsAllowed(value))
            {
                reader.Object(this, Name, Shown(Format(value)));
                return new Setting<T?>(Default, OptionSource.Explicit, Name);
            }

            return new Setting<T?>(value, OptionSource.Explicit, Name);
        }

        if (reader.Text(this) is not { } found)
        {
            return new Setting<T?>(Default, OptionSource.Default, "default");
        }

        T? parsed = Parse(found.Text.Trim());
        if (parsed is null || !IsAllowed(parsed))
        {
            reader.Object(this, found.Origin, Shown(found.Text));
            return new Setting<T?>(Default, found.Source, found.Origin);
        }

        return new Setting<T?>(parsed, found.Source, found.Origin);
    }

    public override OptionValue Describe(OptionReader reader)
    {
        Setting<T?> setting = Find(reader);
        return new OptionValue
        {
            Name = Name,
            Variable = Variable,
            Value = setting.Source == OptionSource.Default ? DefaultText : setting.Value is null ? "" : Shown(Format(setting.Value)),
            Source = setting.Source,
            Origin = setting.Origin,
            Allowed = Allowed,
            Description = Description,
            Problem = reader.ProblemOf(this),
        };
    }

    private string Shown(string text) => IsSecret ? "(set, not shown)" : text;
}
