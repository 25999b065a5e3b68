using System.Net;
using System.Text;
using RdmaCollectives.Verbs.ConnectionManagement;

namespace RdmaCollectives.Verbs.Tests;

/// <summary>On a real device: connections by IP address through librdmacm.</summary>
public class ConnectionDeviceTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private static IPAddress Address()
    {
        using DeviceContext context = TestDevice.Open();
        Assert.True(ConnectionManager.IsSupported, ConnectionManager.NotSupportedReason);
        return context.ChooseGid().Entry!.Value.Gid.ToAddress();
    }

    /// <summary>What one end makes from the device of its connection.</summary>
    private sealed class End : IDisposable
    {
        private readonly ProtectionDomain _domain;
        private readonly CompletionQueue _queue;

        internal End(RdmaConnection connection)
        {
            Connection = connection;
            _domain = connection.Context.CreateProtectionDomain();
            _queue = connection.Context.CreateCompletionQueue(16);
            Pair = connection.CreateQueuePair(_domain, new QueuePairOptions { SendQueue = _queue, ReceiveQueue = _queue, MaxSendRequests = 4, MaxReceiveRequests = 4, MaxInlineByteCount = 64 });
            Post = Pair.Lease();
            Completions = _queue.Lease();
        }

        internal RdmaConnection Connection { get; }

        internal QueuePair Pair { get; }

        internal QueuePairLease Post { get; }

        internal CompletionQueueLease Completions { get; }

        internal WorkCompletion Await()
        {
            WorkCompletion[] one = new WorkCompletion[1];
            long deadline = Environment.TickCount64 + (long)Deadline.TotalMilliseconds;
            while (Completions.Poll(one) == 0)
            {
                Assert.True(Environment.TickCount64 < deadline, "no completion within the deadline");
                Thread.Sleep(0);
            }
            return one[0];
        }

        public void Dispose()
        {
            // The connection first: queue pair and queues hold it.
            Connection.Dispose();
            Post.Dispose();
            Completions.Dispose();
            _queue.Dispose();
            _domain.Dispose();
            Pair.Dispose();
        }
    }

    private static (End Client, End Server) ConnectedPair(RdmaListener listener)
    {
        Task<End> accepting = Task.Run(() =>
        {
            End end = new(listener.TakeRequest(Deadline) ?? throw new TimeoutException("no request"));
            Assert.Equal(0, end.Post.PostEmptyReceives(1, 4, out _));
            end.Connection.Accept(new ConnectionParameters { PrivateData = Encoding.ASCII.GetBytes("welcome") }, Deadline);
            return end;
        });
        End client = new(RdmaConnection.Resolve(listener.LocalEndPoint, Deadline));
        Assert.Equal(0, client.Post.PostEmptyReceives(1, 4, out _));
        client.Connection.Connect(new ConnectionParameters { PrivateData = Encoding.ASCII.GetBytes("hello") }, Deadline);
        Assert.True(accepting.Wait(Deadline));
        return (client, accepting.Result);
    }

    [Fact]
    public void Connect_ToAListener_ExchangesPrivateDataAndMessages()
    {
        using RdmaListener listener = new(new IPEndPoint(Address(), 0));
        Assert.NotEqual(0, listener.LocalEndPoint.Port);
        (End client, End server) = ConnectedPair(listener);
        using (client)
        using (server)
        {
            Assert.StartsWith("hello", Encoding.ASCII.GetString(server.Connection.PeerData.Span), StringComparison.Ordinal);
            Assert.StartsWith("welcome", Encoding.ASCII.GetString(client.Connection.PeerData.Span), StringComparison.Ordinal);
            Assert.Equal(listener.LocalEndPoint, client.Connection.RemoteEndPoint);
            Assert.Equal(QueuePairState.ReadyToSend, client.Pair.QueryState());
            Assert.Equal(QueuePairState.ReadyToSend, server.Pair.QueryState());

            SendRequest request = new() { Opcode = SendOpcode.SendWithImmediate, Flags = SendFlags.Signaled, Immediate = 0x1234 };
            Assert.Equal(0, client.Post.PostSend(in request));
            Assert.True(client.Await().IsSuccess);
            Assert.Equal(0x1234u, server.Await().Immediate);
        }
    }

    [Fact]
    public void Disconnect_OneEnd_TellsTheOtherAndFlushes()
    {
        using RdmaListener listener = new(new IPEndPoint(Address(), 0));
        (End client, End server) = ConnectedPair(listener);
        using (client)
        using (server)
        {
            client.Connection.Disconnect();

            Assert.Equal(ConnectionEventType.Disconnected, server.Connection.TakeEvent(Deadline)?.Type);
            Assert.Equal(CompletionStatus.Flushed, client.Await().Status);
            server.Connection.Disconnect();
            Assert.Equal(CompletionStatus.Flushed, server.Await().Status);
        }
    }

    [Fact]
    public async Task Connect_Refused_SaysSo()
    {
        using RdmaListener listener = new(new IPEndPoint(Address(), 0));
        Task refusing = Task.Run(() =>
        {
            using RdmaConnection request = listener.TakeRequest(Deadline) ?? throw new TimeoutException("no request");
            request.Reject(Encoding.ASCII.GetBytes("no"));
        });
        using End client = new(RdmaConnection.Resolve(listener.LocalEndPoint, Deadline));

        VerbsException e = Assert.Throws<VerbsException>(() => client.Connection.Connect(new ConnectionParameters(), Deadline));
        Assert.Contains("the peer refused (reason 28)", e.Message, StringComparison.Ordinal);
        await refusing.WaitAsync(Deadline);
    }

    [Fact]
    public void Connect_WhereNobodyListens_SaysSo()
    {
        using End client = new(RdmaConnection.Resolve(new IPEndPoint(Address(), 1), Deadline));

        VerbsException e = Assert.Throws<VerbsException>(() => client.Connection.Connect(new ConnectionParameters(), Deadline));
        Assert.Contains("refused (reason 8)", e.Message, StringComparison.Ordinal);
        Assert.Contains("nobody listens", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resolve_AddressWithoutAnRdmaDevice_SaysSo()
    {
        _ = Address();

        VerbsException e = Assert.Throws<VerbsException>(() => RdmaConnection.Resolve(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 1), TimeSpan.FromSeconds(5)));
        Assert.Contains("192.0.2.1:1", e.Message, StringComparison.Ordinal);
        Assert.Contains("ip route get", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Listen_OnAnAddressOfAnotherHost_SaysSo()
    {
        _ = Address();

        VerbsException e = Assert.Throws<VerbsException>(() => new RdmaListener(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0)));
        Assert.Contains("must be one of this host's", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Listen_OnAPortInUse_SaysSo()
    {
        using RdmaListener first = new(new IPEndPoint(Address(), 0));

        VerbsException e = Assert.Throws<VerbsException>(() => new RdmaListener(first.LocalEndPoint));
        Assert.Contains("Another program listens there", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TakeRequest_NobodyAsks_EndsAtTheDeadline()
    {
        using RdmaListener listener = new(new IPEndPoint(Address(), 0));

        Assert.Null(listener.TakeRequest(TimeSpan.FromMilliseconds(50)));
    }

    [Fact]
    public void PrivateData_TooLong_NamesTheLimit()
    {
        using RdmaListener listener = new(new IPEndPoint(Address(), 0));
        using End client = new(RdmaConnection.Resolve(listener.LocalEndPoint, Deadline));

        var e = Assert.Throws<ArgumentException>(() => client.Connection.Connect(new ConnectionParameters { PrivateData = new byte[57] }, Deadline));
        Assert.Contains("at most 56", e.Message, StringComparison.Ordinal);
    }
}
