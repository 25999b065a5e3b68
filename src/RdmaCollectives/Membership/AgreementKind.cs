namespace RdmaCollectives.Membership;

/// <summary>What a message of the agreement says.</summary>
internal enum AgreementKind : byte
{
    /// <summary>The coordinator collects promises.</summary>
    Prepare = 1,

    /// <summary>I take part in nothing below this ballot.</summary>
    Promise = 2,

    /// <summary>The coordinator has promises of a quorum and proposes a roster.</summary>
    Accept = 3,

    /// <summary>I am for it.</summary>
    Vote = 4,

    /// <summary>The coordinator has votes of a quorum: final. Passed on by everybody, and the answer to any later message.</summary>
    Decision = 5,
}
