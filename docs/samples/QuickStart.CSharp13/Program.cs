using RdmaCollectives;

await using var comm = await Communicator.CreateAsync();

// Before C# 14 the compiler does not infer T from an array that is passed for a span.
float[] gradients = [1, 2, comm.Rank];
comm.AllReduce(gradients.AsSpan(), ReduceOp.Sum);

Console.WriteLine($"rank {comm.Rank} of {comm.WorldSize}: {string.Join(" ", gradients)}");
