using System.Runtime.InteropServices;

namespace RdmaCollectives.Worker;

/// <summary>
/// All-reduces, or broadcasts from rank 0, without end on a thread of its own. The fault that ends them is the moment from which the memory is the caller's again: the thread fills it with a pattern at once, and later nothing else may be found there.
/// Every result that a call returned is checked, so a rank that read from another's refilled memory and took it for a message is found too.
/// </summary>
internal sealed class FencedLoop : IDisposable
{
    private const byte Pattern = 0xA5;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly Communicator _communicator;
    private readonly RegisteredBuffer<float>?[] _buffers;
    private readonly Memory<float> _send;
    private readonly Memory<float> _receive;
    private readonly bool _broadcasts;
    private readonly Thread _thread;
    private volatile string? _failure;
    private int _calls;

    public FencedLoop(Communicator communicator, int count, bool isAllocated, bool broadcasts)
    {
        _communicator = communicator;
        _broadcasts = broadcasts;
        _buffers = isAllocated ? [communicator.Allocate<float>(count), communicator.Allocate<float>(count)] : [null, null];
        _send = _buffers[0]?.Memory ?? new float[count];
        _receive = _buffers[1]?.Memory ?? new float[count];
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Waits until the fault has come and the memory is filled.</summary>
    public string Filled() => !_thread.Join(Deadline) ? throw new TimeoutException("No fault came.")
        : _failure is { } failure ? throw new InvalidOperationException(failure)
        : $"filled after {_calls} calls";

    /// <summary>Whether anything but the pattern is there.</summary>
    public string Compare()
    {
        foreach (Memory<float> memory in (Memory<float>[])[_send, _receive])
        {
            int other = MemoryMarshal.AsBytes(memory.Span).IndexOfAnyExcept(Pattern);
            if (other >= 0)
            {
                throw new InvalidOperationException($"Byte {other} was written after the fault.");
            }
        }

        return "intact";
    }

    public void Dispose() => Array.ForEach(_buffers, buffer => buffer?.Dispose());

    private void Run()
    {
        int ranks = _communicator.WorldSize;
        try
        {
            while (true)
            {
                float value = (_calls % 1000) + 1;
                _send.Span.Fill(value * (_communicator.Rank + 1));
                float expected = _broadcasts ? value : value * (ranks * (ranks + 1) / 2);
                if (!_broadcasts)
                {
                    _communicator.AllReduce(_send.Span, _receive.Span, ReduceOp.Sum);
                }
                else if (_communicator.Rank == 0)
                {
                    _communicator.Broadcast(_send.Span, 0);
                    _receive.Span.Fill(expected);
                }
                else
                {
                    _communicator.Broadcast(_receive.Span, 0);
                }

                int wrong = _receive.Span.IndexOfAnyExcept(expected);
                if (wrong >= 0)
                {
                    _failure = $"Call {_calls} returned {_receive.Span[wrong]} in element {wrong}, expected was {expected}.";
                    return;
                }

                _calls++;
            }
        }
        catch (CommunicatorFaultException)
        {
            MemoryMarshal.AsBytes(_send.Span).Fill(Pattern);
            MemoryMarshal.AsBytes(_receive.Span).Fill(Pattern);
        }
        catch (Exception error)
        {
            _failure = $"{error.GetType().Name}: {error.Message}";
        }
    }
}
