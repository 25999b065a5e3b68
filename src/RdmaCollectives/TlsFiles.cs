namespace RdmaCollectives;

/// <summary>The files for TLS around the join, all in PEM, and the name that certificates must be for.</summary>
/// <param name="Certificate">This process' certificate, then those between it and the authority.</param>
/// <param name="Key">Its private key.</param>
/// <param name="Authority">The certificates of the authorities whose certificates are taken.</param>
/// <param name="Name">The name in the certificates of both ends; null: a rank looks for the host name of the rendezvous, and the rendezvous takes any of the authority's.</param>
internal sealed record TlsFiles(string Certificate, string Key, string Authority, string? Name);
