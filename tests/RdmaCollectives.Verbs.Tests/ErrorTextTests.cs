using RdmaCollectives.Verbs.ConnectionManagement;
using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs.Tests;

public class ErrorTextTests
{
    [Fact]
    public void Explain_EveryKnownStatus_HasNameMeaningCausesAndRemedy() => Assert.All(Enum.GetValues<CompletionStatus>(), status =>
    {
        Explanation why = status.Explain();
        Assert.Equal(((ibv_wc_status)status).ToString(), why.Name);
        Assert.DoesNotContain("unknown", why.Meaning, StringComparison.Ordinal);
        Assert.Equal(status == CompletionStatus.Success, why.Causes.Length == 0);
        Assert.Equal(status == CompletionStatus.Success, why.Remedy.Length == 0);
    });

    [Fact]
    public void Explain_EveryKnownEvent_HasNameMeaningCausesAndWhereItIsAFailureARemedy() => Assert.All(Enum.GetValues<AsyncEventType>(), type =>
    {
        Explanation why = type.Explain();
        Assert.Equal(((ibv_event_type)type).ToString(), why.Name);
        Assert.DoesNotContain("unknown", why.Meaning, StringComparison.Ordinal);
        Assert.NotEmpty(why.Causes);
        bool isNews = type is AsyncEventType.CommunicationEstablished or AsyncEventType.SendQueueDrained or AsyncEventType.PortActive or AsyncEventType.SubnetManagerChanged or AsyncEventType.ClientReregister;
        Assert.Equal(isNews, why.Remedy.Length == 0);
    });

    [Fact]
    public void Explain_EveryKnownValue_MeansSomethingOfItsOwn()
    {
        string[] meanings = [.. Enum.GetValues<CompletionStatus>().Select(status => status.Explain().Meaning), .. Enum.GetValues<AsyncEventType>().Select(type => type.Explain().Meaning)];
        Assert.Equal(meanings, meanings.Distinct(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    [Fact]
    public void Statuses_OfTheHeader_AllHavePublicNames() =>
        Assert.Equal(Enum.GetValues<ibv_wc_status>().Select(s => (int)s), Enum.GetValues<CompletionStatus>().Select(s => (int)s));

    [Fact]
    public void AsyncEvents_OfTheHeader_AllHavePublicNames() =>
        Assert.Equal(Enum.GetValues<ibv_event_type>().Select(s => (int)s), Enum.GetValues<AsyncEventType>().Select(s => (int)s));

    [Fact]
    public void ConnectionEvents_OfTheHeader_AllHavePublicNames() =>
        Assert.Equal(Enum.GetValues<rdma_cm_event_type>().Select(s => (int)s), Enum.GetValues<ConnectionEventType>().Select(s => (int)s));

    [Fact]
    public void Values_OfANewerDriver_PrintAsNumbers()
    {
        Assert.Equal("unknown status 77", ((CompletionStatus)77).Describe());
        Assert.Equal("port 1: unknown event 99", new AsyncEvent((AsyncEventType)99, null, null, 1).Describe());
        Assert.Equal("state 42", QueuePairTransitions.Code((QueuePairState)42));
        Assert.Contains("errno 4711", Errno.Describe(4711), StringComparison.Ordinal);
    }

    [Fact]
    public void FromCompletion_RemoteAccessError_SaysWhatWhereAndWhatToDo()
    {
        VerbsException e = VerbsException.FromCompletion(CompletionStatus.RemoteAccessError, 0x88, "RDMA write", "queue pair 17");

        Assert.StartsWith("RDMA write on queue pair 17 failed: remote access error (completion status 10, IBV_WC_REM_ACCESS_ERR, vendor error 0x88). The rkey is wrong or stale", e.Message, StringComparison.Ordinal);
        Assert.EndsWith(CompletionStatus.RemoteAccessError.Remedy(), e.Message, StringComparison.Ordinal);
        Assert.Equal((CompletionStatus.RemoteAccessError, 0x88u, "RDMA write", "queue pair 17", 0), (e.Status, e.VendorError, e.Operation, e.ObjectName, e.ErrorNumber));
    }

    [Fact]
    public void FromErrno_KnownNumber_HasItsNameAndCause()
    {
        VerbsException e = VerbsException.FromErrno("ibv_open_device", "rxe0", libc.EACCES);

        Assert.StartsWith("ibv_open_device on rxe0 failed: Permission denied (EACCES, errno 13). Check that this user may open /dev/infiniband", e.Message, StringComparison.Ordinal);
        Assert.Equal(13, e.ErrorNumber);
        Assert.Null(e.Status);
    }

    [Fact]
    public void LockedMemory_Remedy_HasLimitNeedAndCommand()
    {
        string text = LockedMemory.Remedy(64 << 20);

        Assert.Contains("64 MiB", text, StringComparison.Ordinal);
        Assert.Contains("ulimit -l", text, StringComparison.Ordinal);
        if (LockedMemory.LimitByteCount is { } limit)
            Assert.Contains("RLIMIT_MEMLOCK", text, StringComparison.Ordinal);
    }

    [Fact]
    public void NativeResults_OfTheFourConventions_ThrowWithTheErrno()
    {
        Assert.Equal(22, Assert.Throws<VerbsException>(() => NativeResult.ThrowIfErrno(22, "call", "object")).ErrorNumber);
        Assert.Equal(12, Assert.Throws<VerbsException>(() => NativeResult.ThrowIfNegative(-12, "call", "object")).ErrorNumber);
        System.Runtime.InteropServices.Marshal.SetLastPInvokeError(19);
        Assert.Equal(19, Assert.Throws<VerbsException>(() => NativeResult.ThrowIfMinusOne(-1, "call", "object")).ErrorNumber);
        unsafe
        {
            System.Runtime.InteropServices.Marshal.SetLastPInvokeError(13);
            Assert.Equal(13, Assert.Throws<VerbsException>(() => NativeResult.ThrowIfNull(null, "call", "object")).ErrorNumber);
        }
        NativeResult.ThrowIfErrno(0, "call", "object");
        NativeResult.ThrowIfMinusOne(0, "call", "object");
        Assert.Equal(3, NativeResult.ThrowIfNegative(3, "call", "object"));
        Assert.Contains("do this", Assert.Throws<VerbsException>(() => NativeResult.ThrowIfErrno(22, "call", "object", _ => "do this")).Message, StringComparison.Ordinal);
    }
}
