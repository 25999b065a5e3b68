namespace RdmaCollectives.Configuration;

/// <summary>A value and where it came from. <see cref="Value"/> is null where the default says "none" or the value is not valid.</summary>
internal readonly record struct Setting<T>(T Value, OptionSource Source, string Origin);
