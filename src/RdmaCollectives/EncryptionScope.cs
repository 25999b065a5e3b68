namespace RdmaCollectives;

/// <summary>Which payload is encrypted on its way between ranks (docs/SECURITY.md). The control plane is always.</summary>
public enum EncryptionScope
{
    /// <summary>None: whoever can read the network can read the data, and whoever can write to it can change them.</summary>
    Off = 0,

    /// <summary>What goes over TCP.</summary>
    Tcp = 1,

    /// <summary>What leaves the host: TCP and verbs. Over verbs messages then go through slots, sealed and opened by the processor.</summary>
    All = 2,
}
