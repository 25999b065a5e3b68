namespace RdmaCollectives;

/// <summary>What a rank was doing when a communicator came to be at fault.</summary>
public enum RankActivity
{
    /// <summary>It was inside a call of the communicator.</summary>
    Running = 0,

    /// <summary>It was alive, and in no call of the communicator: in its own code, or in a call of another communicator.</summary>
    OwnCode = 1,

    /// <summary>It did not answer: it stands still, is overloaded or out of reach.</summary>
    Silent = 2,

    /// <summary>Its process or host is gone.</summary>
    Dead = 3,

    /// <summary>It had disposed its communicator.</summary>
    Left = 4,
}
