namespace RdmaCollectives.Fuzz.Engine;

/// <summary>What a parser did with an input. Everything else is a finding.</summary>
internal enum Outcome
{
    /// <summary>It was refused in the declared way.</summary>
    Refused,

    /// <summary>It was taken, and what was read is what stands there.</summary>
    Accepted,
}
