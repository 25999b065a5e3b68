using System.Runtime.CompilerServices;
using RdmaCollectives.Memory;

namespace RdmaCollectives.Transports.SharedMemory;

/// <summary>
/// How a rank that waits is woken by whoever moved something for it. One word per rank, in memory that all its peers can write:
/// <code>
/// sleeper                                     waker
///   Arm:   word = InPoll                        (published a message, or gave back a slot)
///          full barrier          (partners)    Ring:  full barrier
///   looks at its connections once more                 word != Awake?
///   sleeps: in poll, or                                  exchange(word, Awake), and to a sleeper
///     exchanges InPoll for InFutex, futex                in a futex a wake, in poll a byte
///   Disarm: word = Awake
/// </code>
/// Of the two full barriers one comes second, and its side sees what the other wrote before: either the sleeper sees the message or the waker sees the word. The word is
/// taken back by the waker itself, so that one sleep costs one system call, however many ring; and a sleeper on its way into the kernel finds the word changed.
/// </summary>
/// <param name="word">The word of the rank that sleeps.</param>
/// <param name="descriptor">What a waker writes a byte to; -1 where the sleeper never polls.</param>
internal readonly unsafe struct Doorbell<TMemory>(uint* word, int descriptor)
    where TMemory : struct, IMemory
{
    public const uint Awake = 0;
    public const uint InFutex = 1;
    public const uint InPoll = 2;

    private readonly uint* _word = word;
    private readonly int _descriptor = descriptor;

    // ---- Waker ----

    /// <summary>Call after what the sleeper waits for was published.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Ring()
    {
        TMemory.FullBarrier(); // partner: Arm
        if (TMemory.Read(_word) != Awake)
        {
            Wake();
        }
    }

    /// <summary>Whether the sleeper is seen to sleep. It may sleep and not be seen: only <see cref="Ring"/> is sure.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool LooksAsleep() => TMemory.Read(_word) != Awake;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Wake()
    {
        switch (TMemory.Exchange(_word, Awake))
        {
            case InFutex:
                TMemory.FutexWake(_word);
                break;
            case InPoll:
                TMemory.Signal(_descriptor);
                break;
        }
    }

    // ---- Sleeper ----

    /// <summary>From here on a ring is not missed. Look at everything that may have come once more, then sleep.</summary>
    public void Arm()
    {
        TMemory.Write(_word, InPoll);
        TMemory.FullBarrier(); // partner: Ring
    }

    /// <summary>Sleeps in a futex instead of in poll. Returns at once when it was rung since <see cref="Arm"/>; false then.</summary>
    public bool SleepInFutex(TimeSpan max)
    {
        // A ring between the two lines finds InFutex and changes the word, which the futex compares once more.
        if (TMemory.CompareExchange(_word, InFutex, InPoll) != InPoll)
        {
            return false;
        }

        TMemory.FutexWait(_word, InFutex, max);
        return true;
    }

    public void Disarm() => TMemory.Write(_word, Awake);
}
