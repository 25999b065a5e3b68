using System.Text.Json;
using Microsoft.Extensions.Logging;
using RdmaCollectives.Tool.Doctor.Comparisons;
using RdmaCollectives.Tool.Doctor.Facts;
using RdmaCollectives.Tool.Doctor.Pairs;
using RdmaCollectives.Tool.Launching;
using RdmaCollectives.Tool.Perf;

namespace RdmaCollectives.Tool.Doctor;

/// <summary>One rank of an examination: the first of each host looks at it, all are compared and measured, and rank 0 has the report.</summary>
internal sealed class DoctorRank(DoctorOptions options, HostView host)
{
    private readonly List<Finding> _pairs = [];
    private readonly List<Finding> _comparison = [];
    private IReadOnlyList<HostReport> _hosts = [];
    private IReadOnlyList<PairRow> _matrix = [];

    /// <returns>The report on rank 0, null on the others.</returns>
    public DoctorReport? Examine(ILoggerFactory? loggers)
    {
        try
        {
            using var communicator = Communicator.Create(new CommunicatorOptions { Transports = options.Transports, Timeout = options.Timeout, LoggerFactory = loggers });
            Run(communicator);
        }
        catch (Exception error) when (Launched.IsRankZero && error is not ToolException && (Failure.IsExpected(error) || error is TypeInitializationException))
        {
            // A TypeInitializationException is what the runtime throws where it has no descriptors left for its own. That ranks can't be brought together, or are lost on the way, is a finding: what was found before it may say why.
            _hosts = _hosts.Count > 0 ? _hosts : [HostReport.Of(host, options.Checks)];
            _pairs.Add(Finding.Problem($"The ranks can't work together: {Failure.Message(error)}", $"{error.GetType().Name} on rank 0", "Mend what is found above on each host, then do as the message says.") with { Check = "join" });
        }

        return Launched.IsRankZero ? new DoctorReport { Hosts = _hosts, Comparison = _comparison, Pairs = _pairs, Matrix = _matrix } : null;
    }

    private void Run(Communicator communicator)
    {
        if (options.Ranks is { } asked && asked != communicator.WorldSize)
        {
            throw ToolException.BadArguments($"--ranks {asked}: the launcher has started {communicator.WorldSize}. Leave --ranks away under a launcher.");
        }

        RankFacts[] facts = [.. Gathering.AllGather(communicator, JsonSerializer.SerializeToUtf8Bytes(RankFacts.Of(host, communicator), DoctorJson.Default.RankFacts)).Select(blob => JsonSerializer.Deserialize(blob, DoctorJson.Default.RankFacts)!)];
        ILookup<string, int> views = Enumerable.Range(0, facts.Length).ToLookup(rank => facts[rank].View, StringComparer.Ordinal);
        int[] sameView = [.. views[facts[communicator.Rank].View]];
        byte[] own = sameView[0] != communicator.Rank ? [] : JsonSerializer.SerializeToUtf8Bytes(HostReport.Of(host, options.Checks) with { Ranks = sameView }, DoctorJson.Default.HostReport);
        _hosts = [.. Gathering.Gather(communicator, own).Where(blob => blob.Length > 0).Select(blob => JsonSerializer.Deserialize(blob, DoctorJson.Default.HostReport)!)];
        Compare(communicator, facts, views.Count > 1);

        _pairs.AddRange(BetweenRanks.Judge(facts, options.Transports ?? host.Value("RDMACC_TRANSPORTS")));
        if (options.Matrix && communicator.WorldSize > 1)
        {
            var progress = new ProgressLine();
            Action<string> show = communicator.Rank == 0 ? progress.Show : _ => { };
            _matrix = Matrix.Measure(communicator, show);
            _pairs.AddRange(SlowPairs.Judge(_matrix, BetweenRanks.Crowded(facts).SelectMany(ranks => ranks).ToHashSet()).Select(finding => finding with { Check = "slow-pair" }));
            if (communicator.Rank == 0)
            {
                progress.Clear();
            }
        }

        communicator.Barrier(); // nobody leaves while another still measures
    }

    /// <summary>Of every rank, and not of each host alone: ranks of one host may have settings of their own, such as the device that they take.</summary>
    private void Compare(Communicator communicator, RankFacts[] facts, bool areHosts)
    {
        byte[][] blobs = Gathering.Gather(communicator, JsonSerializer.SerializeToUtf8Bytes(HostFacts.Of(host), DoctorJson.Default.HostFacts));
        IReadOnlyDictionary<string, ClockFacts> clocks = ClockSkew.Measure(communicator, facts);
        ComparedRank[] ranks = [.. blobs.Select((blob, rank) => ComparedRank.Of(rank, facts[rank], JsonSerializer.Deserialize(blob, DoctorJson.Default.HostFacts)!, clocks))];
        _comparison.AddRange(ComparisonList.Judge(options.Comparisons, ranks, areHosts));
        _hosts = [.. _hosts.Select(report => report with { Facts = ranks[report.Ranks[0]].Facts })];
    }
}
