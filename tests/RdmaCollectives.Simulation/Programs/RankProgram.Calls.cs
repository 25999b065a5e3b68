using RdmaCollectives.Schedules;
using RdmaCollectives.Simulation.Faults;

namespace RdmaCollectives.Simulation.Programs;

/// <summary>What each kind of instruction calls.</summary>
internal sealed unsafe partial class RankProgram
{
    private void Execute(Instruction instruction, Communicator communicator)
    {
        switch (instruction.Kind)
        {
            case InstructionKind.Shift:
                process.Activity = Activity.Transfer;
                Shift(instruction, communicator);
                break;
            case InstructionKind.ReceiveAny:
                process.Activity = Activity.Transfer;
                ReceiveAny(instruction, communicator);
                break;
            case InstructionKind.Group:
                process.Activity = Activity.Group;
                RunGroup(instruction, communicator);
                break;
            case InstructionKind.Queued:
                process.Activity = Activity.Queued;
                RunQueued(instruction, communicator);
                break;
            case InstructionKind.Split:
                process.Activity = Activity.Split;
                _part = _world.Split(process.Rank % instruction.Colors, key: -process.Rank);
                _disposables.Add(_part!);
                break;
            default:
                process.Activity = Activity.Collective;
                CollectiveCall call = Call(instruction, communicator, instruction.Collective, 0);
                call.Run();
                CheckResult(call);
                break;
        }
    }

    private void Shift(Instruction instruction, Communicator communicator)
    {
        int ranks = communicator.WorldSize;
        int rank = communicator.Rank;
        GuardedBuffer send = Make(instruction, communicator, instruction.Count);
        GuardedBuffer receive = Make(instruction, communicator, instruction.Count);
        Fill(send, rank);
        int before = (rank + ranks - 1) % ranks;
        communicator.SendReceive(send.Address, (nuint)send.Count, (rank + 1) % ranks, receive.Address, (nuint)receive.Count, before, DataType.Int32);
        send.Scribble();
        Compare(receive, before, "what was received from the rank before");
    }

    private void ReceiveAny(Instruction instruction, Communicator communicator)
    {
        int root = instruction.Root % communicator.WorldSize;
        if (communicator.Rank != root)
        {
            GuardedBuffer send = Make(instruction, communicator, instruction.Count);
            Fill(send, communicator.Rank);
            communicator.Send(send.Address, (nuint)send.Count, DataType.Int32, root);
            send.Scribble();
        }
        else
        {
            for (int i = 1; i < communicator.WorldSize; i++)
            {
                GuardedBuffer receive = Make(instruction, communicator, instruction.Count);
                int source = communicator.ReceiveAny(receive.Address, (nuint)receive.Count, DataType.Int32);
                Compare(receive, source, "what was received from any rank");
            }
        }

        communicator.Barrier(); // what a fast rank sends next would be taken for what is awaited here
    }

    private void RunGroup(Instruction instruction, Communicator communicator)
    {
        using OperationGroup group = communicator.CreateGroup();
        int ranks = communicator.WorldSize;
        int rank = communicator.Rank;
        CollectiveCall sum = Call(instruction, communicator, CollectiveKind.AllReduce, 1);
        CollectiveCall broadcast = Call(instruction, communicator, CollectiveKind.Broadcast, 2);
        GuardedBuffer send = Make(instruction, communicator, instruction.Count);
        GuardedBuffer receive = Make(instruction, communicator, instruction.Count);
        Fill(send, rank);
        sum.AddTo(group);
        group.Send(send.Address, (nuint)send.Count, DataType.Int32, (rank + 1) % ranks);
        group.Receive(receive.Address, (nuint)receive.Count, DataType.Int32, (rank + ranks - 1) % ranks);
        broadcast.AddTo(group);
        group.Run();
        send.Scribble();
        CheckResult(sum);
        CheckResult(broadcast);
        Compare(receive, (rank + ranks - 1) % ranks, "what was received in a group");
    }

    private void RunQueued(Instruction instruction, Communicator communicator)
    {
        using var cancellation = new CancellationTokenSource();
        process.Cancellation = cancellation;
        CollectiveCall[] calls = [Call(instruction, communicator, instruction.Collective, 1), Call(instruction, communicator, CollectiveKind.AllReduce, 2), Call(instruction, communicator, CollectiveKind.AllReduce, 3)];
        ValueTask first = calls[0].RunAsync(cancellation.Token);
        Exception? thrown = null;
        ValueTask second = default;
        try
        {
            second = calls[1].RunAsync(cancellation.Token);
            if (instruction.Colors == 1)
            {
                calls[2].Run();
            }
        }
        catch (Exception error) when (error is CollectiveException or OperationCanceledException)
        {
            thrown = error;
        }

        thrown = Wait(first) ?? thrown;
        thrown = Wait(second) ?? thrown;
        process.Cancellation = null;
        if (thrown is not null)
        {
            throw thrown;
        }

        CheckResult(calls[0]);
        CheckResult(calls[1]);
        if (instruction.Colors == 1)
        {
            CheckResult(calls[2]);
        }
    }

    private Exception? Wait(ValueTask task)
    {
        while (!task.IsCompleted)
        {
            process.Pace.Idle(TimeSpan.FromMilliseconds(100));
        }

        try
        {
            task.GetAwaiter().GetResult();
            return null;
        }
        catch (Exception error) when (error is CollectiveException or OperationCanceledException)
        {
            return error;
        }
    }
}
