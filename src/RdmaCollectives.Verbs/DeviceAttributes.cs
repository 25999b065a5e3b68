using System.Buffers.Binary;
using RdmaCollectives.Verbs.Interop;

namespace RdmaCollectives.Verbs;

/// <summary>What a device is and how much of each thing it has, as <c>ibv_query_device</c> tells.</summary>
public sealed unsafe class DeviceAttributes
{
    internal DeviceAttributes(in ibv_device_attr native)
    {
        fixed (byte* version = native.fw_ver)
            FirmwareVersion = NativeText.Read(version, 64);
        NodeGuid = BinaryPrimitives.ReverseEndianness(native.node_guid);
        SystemImageGuid = BinaryPrimitives.ReverseEndianness(native.sys_image_guid);
        MaxMemoryRegionByteCount = native.max_mr_size;
        VendorId = native.vendor_id;
        VendorPartId = native.vendor_part_id;
        HardwareVersion = native.hw_ver;
        MaxQueuePairs = native.max_qp;
        MaxRequestsPerQueuePair = native.max_qp_wr;
        MaxElementsPerRequest = native.max_sge;
        MaxCompletionQueues = native.max_cq;
        MaxCompletionsPerQueue = native.max_cqe;
        MaxMemoryRegions = native.max_mr;
        MaxProtectionDomains = native.max_pd;
        MaxReadsAsTarget = native.max_qp_rd_atom;
        MaxReadsAsInitiator = native.max_qp_init_rd_atom;
        Atomics = (AtomicCapability)native.atomic_cap;
        PartitionKeyCount = native.max_pkeys;
        LocalAckDelay = native.local_ca_ack_delay;
        PortCount = native.phys_port_cnt;
        HasMemoryWindows = (native.device_cap_flags & (verbs_constants.IBV_DEVICE_MEM_WINDOW_TYPE_2A | verbs_constants.IBV_DEVICE_MEM_WINDOW_TYPE_2B)) != 0;
    }

    /// <summary>The firmware's version; empty for a software device.</summary>
    public string FirmwareVersion { get; }

    /// <summary>The node GUID.</summary>
    public ulong NodeGuid { get; }

    /// <summary>The GUID of the system that the device is part of.</summary>
    public ulong SystemImageGuid { get; }

    /// <summary>Largest memory region in bytes.</summary>
    public ulong MaxMemoryRegionByteCount { get; }

    /// <summary>IEEE vendor number.</summary>
    public uint VendorId { get; }

    /// <summary>The vendor's part number.</summary>
    public uint VendorPartId { get; }

    /// <summary>The vendor's hardware version.</summary>
    public uint HardwareVersion { get; }

    /// <summary>Most queue pairs.</summary>
    public int MaxQueuePairs { get; }

    /// <summary>Most requests in one send or receive queue.</summary>
    public int MaxRequestsPerQueuePair { get; }

    /// <summary>Most scatter/gather elements of one request.</summary>
    public int MaxElementsPerRequest { get; }

    /// <summary>Most completion queues.</summary>
    public int MaxCompletionQueues { get; }

    /// <summary>Most entries of one completion queue.</summary>
    public int MaxCompletionsPerQueue { get; }

    /// <summary>Most memory regions.</summary>
    public int MaxMemoryRegions { get; }

    /// <summary>Most protection domains.</summary>
    public int MaxProtectionDomains { get; }

    /// <summary>Most reads and atomics that a queue pair can serve at a time (<c>max_qp_rd_atom</c>).</summary>
    public int MaxReadsAsTarget { get; }

    /// <summary>Most reads and atomics that a queue pair can have under way (<c>max_qp_init_rd_atom</c>).</summary>
    public int MaxReadsAsInitiator { get; }

    /// <summary>How far atomics are atomic.</summary>
    public AtomicCapability Atomics { get; }

    /// <summary>Length of the partition key table.</summary>
    public int PartitionKeyCount { get; }

    /// <summary>The device's delay in acknowledging: 4.096 us times 2 to this power.</summary>
    public int LocalAckDelay { get; }

    /// <summary>Whether it has memory windows of type 2 (<see cref="MemoryWindow"/>).</summary>
    public bool HasMemoryWindows { get; }

    /// <summary>The number of ports; they are numbered from 1.</summary>
    public int PortCount { get; }
}
