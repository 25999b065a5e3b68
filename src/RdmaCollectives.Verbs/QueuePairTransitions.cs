using RdmaCollectives.Verbs.Interop;
using static RdmaCollectives.Verbs.Interop.ibv_qp_attr_mask;
using static RdmaCollectives.Verbs.QueuePairState;

namespace RdmaCollectives.Verbs;

/// <summary>
/// The legal transitions of a reliable-connected queue pair and the attributes of each, from "Modify Queue Pair" in the InfiniBand
/// architecture specification, volume 1, and man ibv_modify_qp. Checked before the driver is asked, because it answers no more than EINVAL.
/// </summary>
internal static class QueuePairTransitions
{
    internal readonly record struct Transition(QueuePairState From, QueuePairState To, ibv_qp_attr_mask Required, ibv_qp_attr_mask Optional);

    private const ibv_qp_attr_mask WhileConnected = IBV_QP_CUR_STATE | IBV_QP_ACCESS_FLAGS | IBV_QP_ALT_PATH | IBV_QP_PATH_MIG_STATE | IBV_QP_MIN_RNR_TIMER;

    /// <summary>All of them, except that RESET and ERR, which need no attributes, can be reached from every state.</summary>
    internal static readonly Transition[] Table =
    [
        new(Reset, Initialized, IBV_QP_PKEY_INDEX | IBV_QP_PORT | IBV_QP_ACCESS_FLAGS, default),
        new(Initialized, Initialized, default, IBV_QP_PKEY_INDEX | IBV_QP_PORT | IBV_QP_ACCESS_FLAGS),
        new(Initialized, ReadyToReceive,
            IBV_QP_AV | IBV_QP_PATH_MTU | IBV_QP_DEST_QPN | IBV_QP_RQ_PSN | IBV_QP_MAX_DEST_RD_ATOMIC | IBV_QP_MIN_RNR_TIMER,
            IBV_QP_ALT_PATH | IBV_QP_ACCESS_FLAGS | IBV_QP_PKEY_INDEX),
        new(ReadyToReceive, ReadyToSend, IBV_QP_TIMEOUT | IBV_QP_RETRY_CNT | IBV_QP_RNR_RETRY | IBV_QP_SQ_PSN | IBV_QP_MAX_QP_RD_ATOMIC, WhileConnected),
        new(ReadyToSend, ReadyToSend, default, WhileConnected),
        new(ReadyToSend, SendQueueDrained, default, IBV_QP_EN_SQD_ASYNC_NOTIFY),
        new(SendQueueDrained, ReadyToSend, default, WhileConnected),
        new(SendQueueDrained, SendQueueDrained, default,
            IBV_QP_PORT | IBV_QP_AV | IBV_QP_TIMEOUT | IBV_QP_RETRY_CNT | IBV_QP_RNR_RETRY | IBV_QP_MAX_QP_RD_ATOMIC | IBV_QP_MAX_DEST_RD_ATOMIC
            | IBV_QP_ALT_PATH | IBV_QP_ACCESS_FLAGS | IBV_QP_PKEY_INDEX | IBV_QP_MIN_RNR_TIMER | IBV_QP_PATH_MIG_STATE),
    ];

    private static readonly (ibv_qp_attr_mask Flag, string Name)[] Names =
    [
        (IBV_QP_PKEY_INDEX, nameof(QueuePairAttributes.PartitionKeyIndex)),
        (IBV_QP_PORT, nameof(QueuePairAttributes.Port)),
        (IBV_QP_ACCESS_FLAGS, nameof(QueuePairAttributes.Access)),
        (IBV_QP_AV, nameof(QueuePairAttributes.AddressVector)),
        (IBV_QP_PATH_MTU, nameof(QueuePairAttributes.PathMtu)),
        (IBV_QP_DEST_QPN, nameof(QueuePairAttributes.DestinationQueuePairNumber)),
        (IBV_QP_RQ_PSN, nameof(QueuePairAttributes.ReceiveSequenceNumber)),
        (IBV_QP_MAX_DEST_RD_ATOMIC, nameof(QueuePairAttributes.MaxReadsAsTarget)),
        (IBV_QP_MIN_RNR_TIMER, nameof(QueuePairAttributes.MinReceiverNotReadyTimer)),
        (IBV_QP_TIMEOUT, nameof(QueuePairAttributes.Timeout)),
        (IBV_QP_RETRY_CNT, nameof(QueuePairAttributes.RetryCount)),
        (IBV_QP_RNR_RETRY, nameof(QueuePairAttributes.ReceiverNotReadyRetryCount)),
        (IBV_QP_SQ_PSN, nameof(QueuePairAttributes.SendSequenceNumber)),
        (IBV_QP_MAX_QP_RD_ATOMIC, nameof(QueuePairAttributes.MaxReadsAsInitiator)),
        (IBV_QP_CUR_STATE, nameof(QueuePairAttributes.CurrentState)),
        (IBV_QP_EN_SQD_ASYNC_NOTIFY, nameof(QueuePairAttributes.NotifiesDrained)),
    ];

    /// <summary>Throws unless a queue pair in <paramref name="from"/> may take <paramref name="given"/>, naming the transition and every attribute that is missing or misplaced.</summary>
    /// <exception cref="InvalidOperationException">There is no such transition.</exception>
    /// <exception cref="ArgumentException">The transition needs attributes that are not given, or does not take one that is.</exception>
    internal static void Check(QueuePairState from, QueuePairAttributes given, string queuePair)
    {
        QueuePairState to = given.State ?? from;
        Transition? found = Find(from, to);
        if (found is not { } transition)
        {
            string ways = string.Join(", ", Enum.GetValues<QueuePairState>().Where(state => Find(from, state) is not null).Select(Code));
            throw new InvalidOperationException($"{queuePair}: {Code(from)} -> {Code(to)} is not a legal transition; from {Code(from)} it can go to {ways}.");
        }

        ibv_qp_attr_mask attributes = given.Mask & ~IBV_QP_STATE;
        ibv_qp_attr_mask missing = transition.Required & ~attributes;
        if (missing != default)
            throw new ArgumentException($"{queuePair}: {Code(from)} -> {Code(to)} needs {List(missing)}, not given.", nameof(given));
        ibv_qp_attr_mask misplaced = attributes & ~(transition.Required | transition.Optional);
        if (misplaced != default)
            throw new ArgumentException($"{queuePair}: {Code(from)} -> {Code(to)} does not take {List(misplaced)}.", nameof(given));
    }

    /// <summary>A state as the specification writes it: RESET, INIT, RTR, RTS, SQD, SQE, ERR, or its number.</summary>
    internal static string Code(QueuePairState state) => state switch
    {
        Reset => "RESET",
        Initialized => "INIT",
        ReadyToReceive => "RTR",
        ReadyToSend => "RTS",
        SendQueueDrained => "SQD",
        SendQueueError => "SQE",
        Error => "ERR",
        _ => $"state {(int)state}",
    };

    private static Transition? Find(QueuePairState from, QueuePairState to)
    {
        if (to is Reset or Error)
            return new Transition(from, to, default, default);
        foreach (Transition transition in Table)
        {
            if (transition.From == from && transition.To == to)
                return transition;
        }
        return null;
    }

    private static string List(ibv_qp_attr_mask mask) =>
        string.Join(", ", Names.Where(n => (mask & n.Flag) != default).Select(n => n.Name));
}
