module Program

open System
open RdmaCollectives

[<EntryPoint>]
let main _ =
    use comm = Communicator.Create()

    let gradients = [| 1f; 2f; float32 comm.Rank |]
    comm.AllReduce(gradients.AsSpan(), ReduceOp.Sum)

    printfn $"""rank {comm.Rank} of {comm.WorldSize}: {String.Join(" ", gradients)}"""
    0
