using System.Globalization;

namespace RdmaCollectives.Tool.RawPerf;

/// <summary>The table for people and for scripts that read perftest's: its columns, in its order; other lines begin with #.</summary>
internal sealed class RawTable(TextWriter output, RawTest test, bool inGigabits)
{
    private const double GigabitsPerMiB = (1 << 20) * 8 / 1e9;

    /// <summary>A line that is no row.</summary>
    public void Comment(string text)
    {
        output.WriteLine($"# {text}");
        output.Flush();
    }

    public void Begin(RawEnd end, PeerLink link)
    {
        RawOptions options = end.Options;
        Comment($"rdmacc {ToolVersion.Text} {test.Name}, {(link.IsServer ? "server" : "client")}: {end}, MTU {Verbs.PathMtuExtensions.ByteCount(end.Mtu)}");
        string way = options.IsBidirectional ? ", both ways, the sum of both" : "";
        string depth = test.IsBandwidth ? Invariant($", {options.TxDepth} under way each, a completion every {options.CqModeration}, {options.PostList} a post{way}") : test.IsPingPong ? ", half of the round trip" : ", the whole round trip";
        Comment(Invariant($"{options.QueuePairs} queue pair{(options.QueuePairs == 1 ? "" : "s")}{depth}; up to {end.InlineByteCount} bytes inline; {(options.UsesEvents ? "sleeps on events" : "polls")}"));
        if (options.Duration is { } duration)
        {
            Comment(Invariant($"{duration.TotalSeconds:0} s a size, of which the first and the last quarter are not counted"));
        }

        Heading();
    }

    public void Heading()
    {
        output.WriteLine(!test.IsBandwidth ? " #bytes #iterations    t_min[usec]    t_max[usec]  t_typical[usec]    t_avg[usec]    t_stdev[usec]   99% percentile[usec]   99.9% percentile[usec]"
            : inGigabits ? " #bytes     #iterations    BW peak[Gb/sec]    BW average[Gb/sec]   MsgRate[Mpps]"
            : " #bytes     #iterations    BW peak[MB/sec]    BW average[MB/sec]   MsgRate[Mpps]");
        output.Flush();
    }

    public void Add(long size, RawResult? result)
    {
        if (result is null)
        {
            Comment(Invariant($"{size} bytes: the client has the figures"));
            return;
        }

        output.WriteLine(result.Bandwidth is { } bandwidth ? Row(result, bandwidth) : result.LatencyUs is { } latency ? Row(result, latency) : "");
        output.Flush();
    }

    private string Row(RawResult result, RawBandwidth bandwidth)
    {
        double unit = inGigabits ? GigabitsPerMiB : 1;
        // perftest writes 0 where it did not look for the peak.
        return Invariant($" {result.Bytes,-7}    {result.Iterations,-10}       {(bandwidth.PeakMiBps ?? 0) * unit,-7:0.00}            {bandwidth.AverageMiBps * unit,-7:0.00}             {bandwidth.MsgRateMpps,-7:0.000000}");
    }

    private static string Row(RawResult result, LatencyFigures latency) => Invariant(
        $" {result.Bytes,-7} {result.Iterations,-10}     {latency.Min,-7:0.00}        {latency.Max,-7:0.00}        {latency.Typical,-7:0.00}          {latency.Average,-7:0.00}        {latency.Stdev,-7:0.00}         {latency.P99,-7:0.00}                {latency.P999,-7:0.00}");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture).TrimEnd();
}
