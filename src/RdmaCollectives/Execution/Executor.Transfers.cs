using System.Runtime.CompilerServices;
using RdmaCollectives.Planning;
using RdmaCollectives.Transports;

namespace RdmaCollectives.Execution;

/// <summary>Point-to-point: each lane moves as many messages as its connection takes or has.</summary>
internal sealed unsafe partial class Executor
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Advance PassTransfers(TransferSet set)
    {
        bool moved = false;
        bool complete = true;
        foreach (TransferLane lane in set.Lanes)
        {
            while (lane.Current is { } transfer)
            {
                if (transfer.Connection is null && !TryBind(set, transfer))
                {
                    complete = false;
                    break;
                }

                StepResult result = lane.IsSend ? SendNext(transfer) : ReceiveNext(transfer);
                if (result == StepResult.Mismatch)
                {
                    return NoteMismatch(transfer.Connection!, HeaderOf(transfer));
                }

                if (result == StepResult.NotYet)
                {
                    complete = false;
                    break;
                }

                moved = true;
                if (transfer.IsDone)
                {
                    lane.Advance();
                }
            }
        }

        return complete ? Advance.Done : moved ? Advance.Moved : Advance.Idle;
    }

    // A receive from any rank takes the first rank whose next message is one: what a rank sends is in its slot at once, and so announces itself.
    private static bool TryBind(TransferSet set, Transfer transfer)
    {
        for (int i = 0; i < set.Ranks; i++)
        {
            int peer = (set.FirstLook + i) % set.Ranks;
            if (set.TryConnectionTo(peer) is { } connection && !set.IsNamed(peer) && connection.TryReceive(out MessageHeader header, out _) && header.Kind == MessageKind.PointToPoint)
            {
                transfer.Connection = connection;
                transfer.Sequence = set.Bound(peer);
                return true;
            }
        }

        return false;
    }

    private StepResult SendNext(Transfer transfer)
    {
        Connection connection = transfer.Connection!;
        MessageHeader header = HeaderOf(transfer);
        byte* from = transfer.Address + transfer.Moved;
        if (header.ByteCount < Plan.SendFromBytes)
        {
            if (!connection.TrySendCopy(header, from))
            {
                return StepResult.NotYet;
            }
        }
        else if (CanSendFrom(connection, Schedules.StepBuffer.Input, transfer.Registration, header.ByteCount))
        {
            if (!connection.TrySendFrom(header, from, transfer.Registration))
            {
                return StepResult.NotYet;
            }
        }
        else
        {
            byte* slot = connection.TryGetSendSlot();
            if (slot is null)
            {
                return StepResult.NotYet;
            }

            Copy(from, slot, header.ByteCount);
            connection.Send(header);
        }

        connection.SentCount++;
        Count(transfer, header.ByteCount);
        return StepResult.Done;
    }

    private StepResult ReceiveNext(Transfer transfer)
    {
        MessageHeader header = HeaderOf(transfer);
        StepResult result = ResultOf(transfer.Connection!.TryReceiveInto(header, transfer.Address + transfer.Moved, transfer.Registration));
        if (result == StepResult.Done)
        {
            transfer.Connection.ReceivedCount++;
            Count(transfer, header.ByteCount);
        }

        return result;
    }

    private static void Count(Transfer transfer, uint byteCount)
    {
        transfer.Moved += byteCount;
        transfer.IsDone = transfer.Moved == transfer.ByteCount;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private MessageHeader HeaderOf(Transfer transfer) => new()
    {
        Hash = transfer.Hash,
        Sequence = transfer.Sequence,
        Kind = MessageKind.PointToPoint,
        Epoch = (byte)epoch,
        ByteCount = (uint)Math.Min(transfer.ByteCount - transfer.Moved, (ulong)transfer.Connection!.SlotBytes),
    };
}
