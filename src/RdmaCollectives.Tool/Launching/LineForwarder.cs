using System.Runtime.InteropServices;
using System.Text;
using RdmaCollectives.Tool.Launching.Interop;

namespace RdmaCollectives.Tool.Launching;

/// <summary>Passes on what a rank writes, in whole lines with a prefix before each: all ranks are forwarded by one thread, so no line is torn by another.</summary>
internal sealed unsafe class LineForwarder
{
    private const int ReadBytes = 64 * 1024;

    /// <summary>A longer line is passed on in pieces, each as a line: a program that never ends its line must not fill the memory.</summary>
    private const int LongestLine = 1024 * 1024;

    private readonly int _target;
    private readonly byte[] _prefix;
    private readonly byte[] _read = new byte[ReadBytes];
    private readonly List<byte> _line = [];
    private readonly List<byte> _ready = [];

    /// <param name="source">The end of a pipe to read; owned from now on.</param>
    /// <param name="target">Where the lines go: 1 or 2.</param>
    /// <param name="prefix">What goes before each line.</param>
    public LineForwarder(int source, int target, string prefix)
    {
        Source = source;
        _target = target;
        _prefix = Encoding.UTF8.GetBytes(prefix);
    }

    public int Source { get; private set; }

    public bool IsOpen => Source >= 0;

    /// <summary>Takes what there is; call it when <see cref="Source"/> is readable.</summary>
    /// <exception cref="OutputClosedException">Nobody reads our output any more.</exception>
    public void Pump()
    {
        nint count;
        fixed (byte* buffer = _read)
        {
            count = Libc.read(Source, buffer, ReadBytes);
        }

        if (count > 0)
        {
            Take(_read.AsSpan(0, (int)count));
        }
        else if (count == 0 || Marshal.GetLastPInvokeError() is not (Libc.EINTR or Libc.EAGAIN))
        {
            End();
        }
    }

    /// <summary>Closes the pipe; what has not been passed on is lost.</summary>
    public void Abandon()
    {
        if (IsOpen)
        {
            _ = Libc.close(Source);
            Source = -1;
        }
    }

    /// <summary>A last line without an end of line is passed on with one.</summary>
    private void End()
    {
        Abandon();
        if (_line.Count > 0)
        {
            EndLine();
            Flush();
        }
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int end = bytes.IndexOf((byte)'\n');
            ReadOnlySpan<byte> piece = end < 0 ? bytes : bytes[..end];
            _line.AddRange(piece);
            if (end >= 0 || _line.Count >= LongestLine)
            {
                EndLine();
            }

            bytes = end < 0 ? [] : bytes[(end + 1)..];
        }

        Flush();
    }

    private void EndLine()
    {
        _ready.AddRange(_prefix);
        _ready.AddRange(_line);
        _ready.Add((byte)'\n');
        _line.Clear();
    }

    private void Flush()
    {
        ReadOnlySpan<byte> rest = CollectionsMarshal.AsSpan(_ready);
        while (!rest.IsEmpty)
        {
            nint written;
            fixed (byte* bytes = rest)
            {
                written = Libc.write(_target, bytes, (nuint)rest.Length);
            }

            if (written >= 0)
            {
                rest = rest[(int)written..];
                continue;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case Libc.EINTR:
                    break;
                case Libc.EAGAIN: // somebody made our output non-blocking
                    var writable = new Libc.pollfd { fd = _target, events = Libc.POLLOUT };
                    _ = Libc.poll(&writable, 1, -1);
                    break;
                default:
                    _ready.Clear();
                    throw new OutputClosedException();
            }
        }

        _ready.Clear();
    }
}

/// <summary>Nobody reads what we write: the reader of the pipe has ended.</summary>
internal sealed class OutputClosedException : Exception;
