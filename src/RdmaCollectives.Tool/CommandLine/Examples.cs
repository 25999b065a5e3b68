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
              rdmacc perf broadcast --root 1 --algorithm ring,tree      two algorithms, one after the other
              rdmacc perf all --html report.html                        every collective over each transport, with plots
              rdmacc perf all --html report.html --transports shm,tcp --collectives all_reduce,all_to_all --algorithms all
              rdmacc perf all_reduce --json results.jsonl               and one JSON object per size in a file
              rdmacc perf all_reduce --json - 2>/dev/null | jq .busbwGBps
              torchrun --nproc-per-node 4 --no-python rdmacc perf all_reduce
              rdmacc perf write_bw --loopback                           raw verbs as perftest measures them, both ends here
            """,
        "write_bw" or "read_bw" or "atomic_bw" or "send_bw" =>
            $"""
              rdmacc perf {command}                                 on the one host: waits for a client
              rdmacc perf {command} node1                           on the other: the same options, and the server's name
              rdmacc perf {command} node1 -d mlx5_0 -q 4 -t 256 -D 10 --report_gbits
              rdmacc perf {command} --loopback --json - 2>/dev/null | jq .bandwidth.averageMiBps
            """,
        "write_lat" or "send_lat" or "read_lat" or "atomic_lat" =>
            $"""
              rdmacc perf {command}                                on the one host: waits for a client
              rdmacc perf {command} node1                          on the other: the same options, and the server's name
              rdmacc perf {command} node1 -d rxe0 -x 1 -n 10000
              rdmacc perf {command} --loopback --json - 2>/dev/null | jq .latencyUs.typical
            """,
        "run" =>
            """
              rdmacc run -n 4 -- dotnet train.dll --epochs 5    four ranks of a program, their lines marked [0] to [3]
              rdmacc run -n 2 --transport tcp -- ./program      over TCP although shared memory would do
              rdmacc run -n 2 --host-id-per-rank -- ./program   each rank takes itself for a host: network transports on one machine
              rdmacc run -n 4 --min 2 -- ./program              goes on while two live, and starts newcomers in place of those that failed
              rdmacc run -n 4 --env OMP_NUM_THREADS=1 -- python train.py
            """,
        "schedule" =>
            """
              rdmacc schedule list                                          the algorithms of the library, and what they cost
              rdmacc schedule show all_reduce/ring --ranks 3                the steps of each rank
              rdmacc schedule show all_reduce/ring --ranks 3 --json > mine.json
              rdmacc schedule verify mine.json                              prove it, for all shapes in the file
              rdmacc schedule draw mine.json -o mine.svg
            """,
        "list" =>
            """
              rdmacc schedule list --ranks 16 --local-ranks 4    16 ranks, 4 on each host
            """,
        "show" =>
            """
              rdmacc schedule show broadcast/tree --ranks 5 --root 2
              rdmacc schedule show all_reduce/ring --ranks 3 --json > mine.json
            """,
        "verify" =>
            """
              rdmacc schedule verify mine.json
              rdmacc schedule verify all_reduce/double-tree --ranks 1000
            """,
        "draw" =>
            """
              rdmacc schedule draw mine.json --ranks 4 -o mine.svg
              rdmacc schedule draw all_gather/bruck --ranks 5 > bruck.svg
            """,
        "inspect" =>
            """
              rdmacc inspect dumps/                             all dumps in a directory
              rdmacc inspect dumps/*.json --timeline            and the last calls, rank by rank
              rdmacc inspect dumps/*.json --json - | jq '.[].findings[].text'
            """,
        "devices" =>
            """
              rdmacc devices                                    devices, ports, GIDs, and the GID that would be used
              rdmacc devices --json | jq -r '.[].name'
            """,
        "doctor" =>
            """
              rdmacc doctor                                     what is wrong with this host, and what to do
              rdmacc doctor --ranks 4 --matrix                  and how fast four local ranks reach each other
              rdmacc doctor --hosts node1,node2,node3           those hosts, over ssh, and what differs between them
              rdmacc doctor --only locked-memory,rdma-ports --strict || echo not ready
              rdmacc doctor --json | jq '.hosts[].findings[] | select(.severity == "problem")'
              torchrun --nnodes 2 --nproc-per-node 1 --rdzv-endpoint HOST:29500 --no-python rdmacc doctor --matrix
            """,
        "config" =>
            """
              rdmacc config                                     every option, its value, and where that comes from
              RDMACC_TIMEOUT=30 rdmacc config --json
            """,
        "rdmacc" or "RdmaCollectives.Tool" =>
            """
              rdmacc perf all_reduce                            measure all-reduce between local ranks
              rdmacc perf all --html report.html                measure every collective, and draw it
              rdmacc run -n 4 -- ./program                      start four ranks of a program
              rdmacc schedule list                              the algorithms, and what they cost
              rdmacc devices                                    the RDMA devices of this host
              rdmacc doctor                                     what is wrong with this host, and what to do
              rdmacc config                                     the options, and where their values come from
            """,
        _ => null,
    };
}
