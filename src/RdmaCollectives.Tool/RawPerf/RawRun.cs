using System.Net;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;

namespace RdmaCollectives.Tool.RawPerf;

/// <summary>Brings an end from its options to its figures: as a server, as a client, or both in this process.</summary>
internal static class RawRun
{
    /// <summary>Waits for a client, and measures with it.</summary>
    /// <param name="options">What to measure.</param>
    /// <param name="bind">The address to listen on.</param>
    /// <param name="port">Its port; 0 takes a free one.</param>
    /// <param name="patience">How long to wait for the client.</param>
    /// <param name="listening">Told where it listens.</param>
    /// <param name="connected">Told when both ends are connected.</param>
    /// <param name="report">Gets each size.</param>
    public static void Serve(RawOptions options, IPAddress bind, int port, TimeSpan patience, Action<IPEndPoint> listening, Action<RawEnd, PeerLink> connected, Action<long, RawResult?> report)
    {
        using RawPort device = RawPort.Open(options);
        using var end = new RawEnd(options, device);
        using Socket listener = PeerLink.Listen(bind, port);
        listening((IPEndPoint)listener.LocalEndPoint!);
        using PeerLink link = PeerLink.Accept(listener, patience, options.Timeout);
        listener.Close(); // one client, as perftest: a second one is refused at once
        RawSession.Run(end, link, () => connected(end, link), report);
    }

    /// <summary>Connects to a server, and measures with it.</summary>
    public static void Join(RawOptions options, string server, int port, Action<RawEnd, PeerLink> connected, Action<long, RawResult?> report)
    {
        using RawPort device = RawPort.Open(options);
        using var end = new RawEnd(options, device);
        using PeerLink link = PeerLink.Connect(server, port, options.Timeout);
        RawSession.Run(end, link, () => connected(end, link), report);
    }

    /// <summary>Both ends on the same device, the server on a thread of its own; they meet over a socket all the same.</summary>
    public static void Both(RawOptions options, Action<RawEnd, PeerLink> connected, Action<long, RawResult?> report)
    {
        Exception? serverError = null;
        int port = 0;
        var ready = new ManualResetEventSlim();
        var server = new Thread(() =>
        {
            serverError = Catch(() => Serve(options, IPAddress.Loopback, 0, options.Timeout, place =>
            {
                port = place.Port;
                ready.Set();
            }, (_, _) => { }, (_, _) => { }));
            ready.Set();
        })
        {
            Name = "rdmacc raw server",
            IsBackground = true,
        };
        server.Start();
        // Making the server's end is a few calls of the driver.
        if (!ready.Wait(options.Timeout))
        {
            throw new ToolException(ExitCode.Failed, $"the server's end was not ready within {options.Timeout.TotalSeconds:0.###} s: look at the device (dmesg), or wait longer (--timeout).");
        }

        PeerLink? toServer = null;
        Exception? clientError = port == 0 ? null : Catch(() => Join(options, "127.0.0.1", port, (end, link) =>
        {
            toServer = link;
            connected(end, link);
        }, report));
        server.Join(options.Timeout);

        // Where the client only heard of it, the server's own words are better.
        Exception? error = clientError is null || (toServer?.HasPeerFailed == true && serverError is not null) ? serverError : clientError;
        if (error is not null)
        {
            ExceptionDispatchInfo.Throw(error);
        }
    }

    /// <summary>What an end failed with, to be told apart from what the other one heard of it.</summary>
    private static Exception? Catch(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }
}
