using System.Runtime.InteropServices;
using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs.Tests;

public unsafe class VerbsHandleTests
{
    private sealed class TestHandle(string name, List<string> log, int result = 0, params VerbsHandle?[] parents) : VerbsHandle(parents)
    {
        protected override int Destroy()
        {
            log.Add(name);
            return result;
        }
    }

    [Fact]
    public void Dispose_ParentsFirst_DestroysChildrenFirst()
    {
        List<string> log = [];
        TestHandle context = new("context", log);
        context.Adopt((void*)1, "", "");
        TestHandle domain = new("domain", log, 0, context);
        domain.Adopt((void*)2, "", "");
        TestHandle pair = new("pair", log, 0, domain, null, context);
        pair.Adopt((void*)3, "", "");

        context.Dispose();
        domain.Dispose();
        Assert.Empty(log);
        pair.Dispose();
        Assert.Equal(["pair", "domain", "context"], log);
    }

    [Fact]
    public void Adopt_Null_ThrowsWithErrnoAndGivesTheLeaseBack()
    {
        List<string> log = [];
        TestHandle parent = new("parent", log);
        parent.Adopt((void*)1, "", "");
        TestHandle child = new("child", log, 0, parent);

        Marshal.SetLastPInvokeError(libc.ENOMEM);
        VerbsException e = Assert.Throws<VerbsException>(() => child.Adopt(null, "ibv_alloc_pd", "rxe0", error => $"remedy for {error}"));

        Assert.Equal("ibv_alloc_pd on rxe0 failed: Cannot allocate memory (ENOMEM, errno 12). remedy for 12", e.Message);
        parent.Dispose();
        Assert.Equal(["parent"], log);
    }

    [Fact]
    public void Constructor_OneParentDisposed_ThrowsAndGivesTheOthersBack()
    {
        List<string> log = [];
        TestHandle alive = new("alive", log), dead = new("dead", log);
        alive.Adopt((void*)1, "", "");
        dead.Adopt((void*)2, "", "");
        dead.Dispose();

        Assert.Throws<ObjectDisposedException>(() => new TestHandle("child", log, 0, alive, dead));
        alive.Dispose();
        Assert.Equal(["dead", "alive"], log);
    }

    [Fact]
    public void Dispose_LibraryRefuses_KeepsTheParentsAlive()
    {
        List<string> log = [];
        TestHandle parent = new("parent", log);
        parent.Adopt((void*)1, "", "");
        TestHandle busy = new("busy", log, libc.EBUSY, parent);
        busy.Adopt((void*)2, "", "");

        busy.Dispose();
        parent.Dispose();
        Assert.Equal(["busy"], log);
    }
}
