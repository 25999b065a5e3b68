namespace RdmaCollectives;

public sealed partial class Communicator
{
    /// <summary>Writes this rank's flight recorder to <paramref name="destination"/>: its last calls (<see cref="CommunicatorOptions.FlightRecorderEntries"/>) with their times, as JSON for <c>rdmacc inspect</c> (docs/flight-recorder.md).</summary>
    /// <param name="destination">Is left open.</param>
    /// <remarks>
    /// <para>Holds no data of the program and no secrets: calls by kind, type, count and time, and names of host and job.</para>
    /// <para>Threading: from any thread, in any state: beside a call that runs or hangs, after a fault, after <see cref="Dispose"/>. The other ranks need not do the same.</para>
    /// <para>Cost: about 500 bytes a call, and a comparison of clocks with rank 0 of a few round trips, 100 ms where it does not answer. Calls that run meanwhile are not slowed down.</para>
    /// </remarks>
    public void DumpFlightRecorder(Stream destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        _dump.Write(destination, "request");
    }

    /// <summary>Writes this rank's flight recorder to a file, which is replaced if it is there and readable by its owner alone.</summary>
    /// <param name="path">Of a file of this rank's own: each rank has its calls.</param>
    /// <exception cref="IOException">It can't be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    /// <inheritdoc cref="DumpFlightRecorder(Stream)"/>
    public void DumpFlightRecorder(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _dump.Write(path, "request");
    }
}
