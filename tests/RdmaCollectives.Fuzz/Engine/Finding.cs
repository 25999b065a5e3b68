namespace RdmaCollectives.Fuzz.Engine;

/// <summary>An input that a parser did not deal with as it should.</summary>
/// <param name="Parser">Its name.</param>
/// <param name="What">What went wrong.</param>
/// <param name="Input">The input; empty where a valid message could not even be made.</param>
/// <param name="Number">How many inputs came before it.</param>
internal sealed record Finding(string Parser, string What, byte[] Input, long Number);
