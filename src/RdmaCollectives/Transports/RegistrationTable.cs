using System.Runtime.CompilerServices;

namespace RdmaCollectives.Transports;

/// <summary>
/// Finds the registration that an address range lies in: how a call recognises registered memory. Looking up takes no lock and allocates nothing; changing replaces the whole table.
/// </summary>
internal sealed unsafe class RegistrationTable
{
    private readonly Lock _changes = new();
    private Entry[] _sortedByAddress = [];

    public int Count => Volatile.Read(ref _sortedByAddress).Length;

    /// <summary>The registration that holds the whole range, or null. Where several do, one of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public MemoryRegistration? Find(byte* address, nuint byteCount)
    {
        Entry[] entries = Volatile.Read(ref _sortedByAddress);
        nuint end = (nuint)address + byteCount;
        for (int i = LastAtOrBelow(entries, (nuint)address); i >= 0 && entries[i].FarthestEnd >= end; i--)
        {
            if (entries[i].Registration.Contains(address, byteCount))
            {
                return entries[i].Registration;
            }
        }

        return null;
    }

    /// <summary>The same, held: disposing the buffer in the middle of a call takes effect at the end. Null where none holds the range.</summary>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // most programs have no registered memory, and small calls notice
    public MemoryRegistration? Hold(byte* address, nuint byteCount) => byteCount == 0 || Count == 0 ? null : FindAndHold(address, byteCount);

    private MemoryRegistration? FindAndHold(byte* address, nuint byteCount)
    {
        MemoryRegistration? registration = Find(address, byteCount);
        if (registration is not null && !registration.Uses.TryHold())
        {
            throw new ObjectDisposedException(nameof(RegisteredBuffer<>));
        }

        return registration;
    }

    public void Add(MemoryRegistration registration)
    {
        lock (_changes)
        {
            Replace(_sortedByAddress.Select(static entry => entry.Registration).Append(registration));
        }
    }

    /// <summary>Takes a registration out. It is not found from then on; a call that found it before holds a count on it.</summary>
    public void Remove(MemoryRegistration registration)
    {
        lock (_changes)
        {
            Replace(_sortedByAddress.Select(static entry => entry.Registration).Where(other => !ReferenceEquals(other, registration)));
        }
    }

    private void Replace(IEnumerable<MemoryRegistration> registrations)
    {
        MemoryRegistration[] sorted = registrations.OrderBy(static registration => (nuint)registration.Address).ToArray();
        var entries = new Entry[sorted.Length];
        nuint farthestEnd = 0;
        for (int i = 0; i < sorted.Length; i++)
        {
            farthestEnd = Math.Max(farthestEnd, (nuint)sorted[i].Address + sorted[i].ByteCount);
            entries[i] = new Entry(sorted[i], (nuint)sorted[i].Address, farthestEnd);
        }

        Volatile.Write(ref _sortedByAddress, entries);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int LastAtOrBelow(Entry[] entries, nuint address)
    {
        int low = 0;
        int high = entries.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (entries[middle].Address <= address)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low - 1;
    }

    /// <param name="Registration">The registration.</param>
    /// <param name="Address">Where it begins.</param>
    /// <param name="FarthestEnd">The farthest end of this and all entries before: ranges may overlap, and this tells when to stop looking for one that begins earlier.</param>
    private readonly record struct Entry(MemoryRegistration Registration, nuint Address, nuint FarthestEnd);
}
