using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using RdmaCollectives.Transports.Interop;
using RdmaCollectives.Transports.Tcp;

namespace RdmaCollectives.Tests.Tcp;

/// <summary>The C compiler says whether the structs and numbers that the TCP transport relies on are those of this system's headers.</summary>
public sealed class TcpLayoutTests
{
    [Fact]
    public async Task Interop_AgainstTheCHeaders_IsEqual()
    {
        string program = $$"""
            #define _GNU_SOURCE
            #include <errno.h>
            #include <stddef.h>
            #include <sys/epoll.h>
            #include <sys/socket.h>
            #include <sys/uio.h>
            #define SAME(a, b) _Static_assert((a) == (b), #a)
            SAME(sizeof(struct iovec), {{Marshal.SizeOf<SysUio.iovec>()}});
            SAME(offsetof(struct iovec, iov_base), {{Marshal.OffsetOf<SysUio.iovec>("iov_base")}});
            SAME(offsetof(struct iovec, iov_len), {{Marshal.OffsetOf<SysUio.iovec>("iov_len")}});
            SAME(sizeof(struct msghdr), {{Marshal.SizeOf<SysSocket.msghdr>()}});
            {{string.Join('\n', typeof(SysSocket.msghdr).GetFields().Select(field => $"SAME(offsetof(struct msghdr, {field.Name}), {Marshal.OffsetOf<SysSocket.msghdr>(field.Name)});"))}}
            SAME(MSG_DONTWAIT, {{SysSocket.MSG_DONTWAIT}});
            SAME(MSG_NOSIGNAL, {{SysSocket.MSG_NOSIGNAL}});
            SAME(SHUT_RDWR, {{SysSocket.SHUT_RDWR}});
            SAME(EPOLL_CLOEXEC, {{SysEpoll.EPOLL_CLOEXEC}});
            SAME(EPOLL_CTL_ADD, {{SysEpoll.EPOLL_CTL_ADD}});
            SAME((unsigned)EPOLLIN, {{SysEpoll.EPOLLIN}}u);
            SAME((unsigned)EPOLLOUT, {{SysEpoll.EPOLLOUT}}u);
            SAME((unsigned)EPOLLET, {{SysEpoll.EPOLLET}}u);
            SAME(offsetof(struct epoll_event, events), 0);
            _Static_assert(sizeof(struct epoll_event) <= {{SysEpoll.EventBytes}}, "epoll_event");
            {{string.Join('\n', typeof(Errno).GetFields().Where(field => field.IsLiteral).Select(field => $"SAME({field.Name}, {field.GetRawConstantValue()});"))}}
            """;
        using Process compiler = new() { StartInfo = new ProcessStartInfo("cc", ["-x", "c", "-fsyntax-only", "-"]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardError = true } };
        try
        {
            compiler.Start();
        }
        catch (Win32Exception)
        {
            Assert.Skip("There is no C compiler (cc) on this host.");
        }

        using CancellationTokenSource deadline = new(TimeSpan.FromSeconds(30));
        await compiler.StandardInput.WriteAsync(program);
        compiler.StandardInput.Close();
        string errors = await compiler.StandardError.ReadToEndAsync(deadline.Token);
        await compiler.WaitForExitAsync(deadline.Token);
        Assert.True(compiler.ExitCode == 0, errors);
    }
}
