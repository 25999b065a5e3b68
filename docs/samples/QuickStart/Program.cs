using RdmaCollectives;

await using var comm = await Communicator.CreateAsync();

float[] gradients = [1, 2, comm.Rank];
comm.AllReduce(gradients, ReduceOp.Sum);

Console.WriteLine($"rank {comm.Rank} of {comm.WorldSize}: {string.Join(" ", gradients)}");
