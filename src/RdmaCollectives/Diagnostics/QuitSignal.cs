using System.Runtime.InteropServices;
using static RdmaCollectives.Diagnostics.Interop.Libc;

namespace RdmaCollectives.Diagnostics;

/// <summary>
/// SIGQUIT, as long as this is not disposed: the handler runs on a thread of its own, and the program goes on. Shells start a program in the background with SIGQUIT ignored, and the runtime leaves a signal
/// alone that it finds ignored; here the user has asked for it, so that is taken back, and restored at the end.
/// </summary>
internal sealed class QuitSignal : IDisposable
{
    private readonly bool _wasIgnored;
    private readonly PosixSignalRegistration _registration;

    public QuitSignal(Action handler)
    {
        _wasIgnored = Handler == SIG_IGN;
        if (_wasIgnored)
        {
            signal(SIGQUIT, SIG_DFL);
        }

        _registration = PosixSignalRegistration.Create(PosixSignal.SIGQUIT, context =>
        {
            context.Cancel = true;
            handler();
        });
        IgnoreAgain(); // where the runtime had looked before us, it stays with what it saw
    }

    private static unsafe nint Handler
    {
        get
        {
            byte* current = stackalloc byte[sizeof_sigaction_at_most];
            return sigaction(SIGQUIT, null, current) == 0 ? *(nint*)current : SIG_DFL;
        }
    }

    public void Dispose()
    {
        _registration.Dispose();
        IgnoreAgain();
    }

    // Never left so that the signal would end the program where it did not before.
    private void IgnoreAgain()
    {
        if (_wasIgnored && Handler == SIG_DFL)
        {
            signal(SIGQUIT, SIG_IGN);
        }
    }
}
