namespace RdmaCollectives.Tool.CommandLine;

/// <summary>What the help of each command shows to copy.</summary>
internal static class Examples
{
    public static string? Of(string command) => command switch
    {
        "perf" =>
            """
              rdmacc perf all_reduce                                    local ranks over the best transport, 8 B to 64 MiB
              rdmacc perf all_reduce --ranks 2 --transport tcp -e 1M    two ranks over TCP, up to 1 MiB
              rdmacc perf all_reduce -b 1K -e 1G -f 4 -d bfloat16 -o avg --buffers allocate
              rdmacc perf all_reduce --json results.jsonl               and one JSON object per size in a file
              rdmacc perf all_reduce --json - 2>/dev/null | jq .busbwGBps
              torchrun --nproc-per-node 4 --no-python rdmacc perf all_reduce
            """,
        "run" =>
            """
              rdmacc run -n 4 -- dotnet train.dll --epochs 5    four ranks of a program, their lines marked [0] to [3]
              rdmacc run -n 2 --transport tcp -- ./program      over TCP although shared memory would do
              rdmacc run -n 2 --host-id-per-rank -- ./program   each rank takes itself for a host: network transports on one machine
              rdmacc run -n 4 --env OMP_NUM_THREADS=1 -- python train.py
            """,
        "devices" =>
            """
              rdmacc devices                                    devices, ports, GIDs, and the GID that would be used
              rdmacc devices --json | jq -r '.[].name'
            """,
        "config" =>
            """
              rdmacc config                                     every option, its value, and where that comes from
              RDMACC_TIMEOUT=30 rdmacc config --json
            """,
        "rdmacc" or "RdmaCollectives.Tool" =>
            """
              rdmacc perf all_reduce                            measure all-reduce between local ranks
              rdmacc run -n 4 -- ./program                      start four ranks of a program
              rdmacc devices                                    the RDMA devices of this host
              rdmacc config                                     the options, and where their values come from
            """,
        _ => null,
    };
}
