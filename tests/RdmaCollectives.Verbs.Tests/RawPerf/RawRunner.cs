using System.Net;
using RdmaCollectives.Tool.RawPerf;

namespace RdmaCollectives.Verbs.Tests.RawPerf;

/// <summary>Both ends of a raw measurement in this process, each on a thread of its own, over a real socket and device.</summary>
internal static class RawRunner
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public static RawTest Test(string name) => RawTest.All.Single(test => test.Name == name);

    /// <summary>As the command line would have it, with few messages.</summary>
    public static RawOptions Options(string test, params long[] sizes) => new()
    {
        Test = Test(test),
        Sizes = sizes.Length == 0 ? [Test(test).DefaultSize] : sizes,
        Iterations = 200,
        TxDepth = Test(test).IsBandwidth ? 32 : 1,
        RxDepth = Test(test).Verb == RawVerb.Send ? 64 : 1,
        Timeout = TimeSpan.FromSeconds(20),
    };

    /// <summary>What both ends measured; fails if one of them did.</summary>
    public static (List<RawResult?> Client, List<RawResult?> Server) Run(RawOptions options) => Run(options, options);

    public static (List<RawResult?> Client, List<RawResult?> Server) Run(RawOptions client, RawOptions server)
    {
        List<RawResult?> ofClient = [], ofServer = [];
        (Exception? clientError, Exception? serverError) = Run(client, server, ofClient, ofServer);
        Assert.True(clientError is null && serverError is null, $"client: {clientError}\nserver: {serverError}");
        return (ofClient, ofServer);
    }

    /// <summary>How both ends failed.</summary>
    public static (string? Client, string? Server) Fail(RawOptions client, RawOptions server)
    {
        (Exception? clientError, Exception? serverError) = Run(client, server, [], []);
        return (clientError?.Message, serverError?.Message);
    }

    private static (Exception? Client, Exception? Server) Run(RawOptions client, RawOptions server, List<RawResult?> ofClient, List<RawResult?> ofServer)
    {
        TestDevice.Open().Dispose();
        using var listening = new BlockingPlace();
        Exception? serverError = null, clientError = null;
        Action serve = () => RawRun.Serve(server, IPAddress.Loopback, 0, Deadline, listening.Set, (_, _) => { }, (_, result) => ofServer.Add(result));
        Action join = () => RawRun.Join(client, "127.0.0.1", listening.Port, (_, _) => { }, (_, result) => ofClient.Add(result));
        var serving = new Thread(() => serverError = Record.Exception(serve)) { IsBackground = true };
        var joining = new Thread(() => clientError = Record.Exception(join)) { IsBackground = true };
        serving.Start();
        joining.Start();
        Assert.True(joining.Join(Deadline), "the client still runs after 60 s");
        Assert.True(serving.Join(Deadline), "the server still runs after 60 s");
        return (clientError, serverError);
    }

    /// <summary>Where the server listens, once it does.</summary>
    private sealed class BlockingPlace : IDisposable
    {
        private readonly ManualResetEventSlim _set = new();
        private int _port;

        public int Port => _set.Wait(Deadline) ? _port : throw new TimeoutException("the server did not listen within 60 s");

        public void Set(IPEndPoint place)
        {
            _port = place.Port;
            _set.Set();
        }

        public void Dispose() => _set.Dispose();
    }
}
