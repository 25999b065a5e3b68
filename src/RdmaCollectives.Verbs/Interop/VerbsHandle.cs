using System.Runtime.InteropServices;

namespace RdmaCollectives.Verbs.Interop;

/// <summary>
/// A native object and its lease on the objects that it was made from. The parents are leased at construction, before the native object
/// exists, and given back after it is gone: whatever order the program disposes in, the library sees children destroyed before their parents.
/// </summary>
internal abstract unsafe class VerbsHandle : SafeHandle
{
    private readonly VerbsHandle?[] _parents;

    protected VerbsHandle(params ReadOnlySpan<VerbsHandle?> parents)
        : base(invalidHandleValue: 0, ownsHandle: true)
    {
        _parents = parents.ToArray();
        for (int i = 0; i < _parents.Length; i++)
        {
            try
            {
                bool leased = false;
                _parents[i]?.DangerousAddRef(ref leased);
            }
            catch (ObjectDisposedException)
            {
                GiveBack(i);
                GC.SuppressFinalize(this);
                throw;
            }
        }
    }

    /// <summary>Never: a handle whose native object could not be created still has leases to give back.</summary>
    public override bool IsInvalid => false;

    /// <summary>
    /// Whether the owner gave it up. While children or leases hold it, SafeHandle itself would still serve everybody: the public objects look here first.
    /// </summary>
    internal bool IsDisposed { get; private set; }

    /// <summary>Takes over what a native call returned; if that was null, gives the leases back and throws with the call's errno.</summary>
    internal void Adopt(void* native, string call, object target, Func<int, string?>? remedy = null)
    {
        if (native == null)
        {
            int error = Marshal.GetLastPInvokeError();
            Dispose();
            throw VerbsException.FromErrno(call, target, error, (error == libc.EAGAIN ? ObjectLimit.Remedy() : null) ?? remedy?.Invoke(error));
        }
        SetHandle((nint)native);
    }

    /// <summary>Ends the native object; 0 on success.</summary>
    protected abstract int Destroy();

    protected sealed override void Dispose(bool disposing)
    {
        IsDisposed = true;
        base.Dispose(disposing);
    }

    protected sealed override bool ReleaseHandle()
    {
        // If the library refuses (EBUSY), the object lives on, and so must its parents: a leak is better than a use after free.
        if (handle != 0 && Destroy() != 0)
            return false;
        GiveBack(_parents.Length);
        return true;
    }

    private void GiveBack(int count)
    {
        for (int i = count - 1; i >= 0; i--)
            _parents[i]?.DangerousRelease();
    }
}
