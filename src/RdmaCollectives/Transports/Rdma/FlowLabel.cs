namespace RdmaCollectives.Transports.Rdma;

/// <summary>The flow label of a queue pair, 20 bits: what switches with several equal ways choose by, together with addresses and ports.</summary>
internal static class FlowLabel
{
    private const int Mask = 0xfffff;

    /// <param name="option">What the options say: a label for all, or <see cref="ResolvedOptions.AutomaticFlowLabel"/>.</param>
    /// <param name="local">The number of this queue pair.</param>
    /// <param name="remote">The number of the peer's.</param>
    public static uint Of(int option, uint local, uint remote)
    {
        if (option != ResolvedOptions.AutomaticFlowLabel)
        {
            return (uint)option;
        }

        // As the kernel does where a label is missing: rdma_calc_flow_label, include/rdma/ib_verbs.h. Both directions have the same; 0 would mean none.
        ulong product = (ulong)local * remote;
        product ^= product >> 20;
        product ^= product >> 40;
        return Math.Max(1, (uint)(product & Mask));
    }
}
