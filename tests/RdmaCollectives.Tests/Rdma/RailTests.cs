using System.Globalization;
using RdmaCollectives.Transports.Rdma;
using RdmaCollectives.Verbs;

namespace RdmaCollectives.Tests.Rdma;

/// <summary>What names the rails, and what is said of them to others; without a device.</summary>
public sealed class RailTests
{
    [Theory]
    [InlineData("mlx5_0", "mlx5_0:1")]
    [InlineData("mlx5_0:2", "mlx5_0:2")]
    [InlineData("mlx5_0,mlx5_1", "mlx5_0:1 mlx5_1:1")]
    [InlineData("mlx5_0:1, mlx5_0:2", "mlx5_0:1 mlx5_0:2")]
    public void Parse_DevicesAndPorts_AreRailsInTheirOrder(string devices, string expected) =>
        Assert.Equal(expected, string.Join(' ', RdmaPort.Parse(devices, channels: 2).Select(rail => string.Create(CultureInfo.InvariantCulture, $"{rail.Name}:{rail.Port}"))));

    [Theory]
    [InlineData("mlx5_0:0", "write a device, or a device and a port from 1")]
    [InlineData("mlx5_0:256", "write a device, or a device and a port from 1")]
    [InlineData("mlx5_0:one", "write a device, or a device and a port from 1")]
    [InlineData("mlx5_0:1:1", "write a device, or a device and a port from 1")]
    [InlineData("mlx5_0,", "write a device, or a device and a port from 1")]
    [InlineData(":1", "write a device, or a device and a port from 1")]
    [InlineData("mlx5_0,mlx5_0:1", "names port 1 of mlx5_0 twice")]
    [InlineData("a,b,c", "3 rails, and a rail carries whole channels, of which there are 2: set RDMACC_CHANNELS to 3 on all ranks")]
    public void Parse_WhatMakesNoSense_IsRefusedInWords(string devices, string words)
    {
        CollectiveException refusal = Assert.Throws<CollectiveException>(() => RdmaPort.Parse(devices, channels: 2));
        Assert.Equal(Error.Resource, refusal.Error);
        Assert.StartsWith($"RDMACC_DEVICE is '{devices}'", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(words, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(RailDescriptions.MaximumRails)]
    public void Descriptions_OfRails_AreReadAsTheyWereWritten(int count)
    {
        RdmaDescription[] rails = [.. Enumerable.Range(0, count).Select(Rail)];
        Assert.Equal(rails, RailDescriptions.TryRead(RailDescriptions.ToBytes(rails)));
    }

    [Fact]
    public void Descriptions_CutShortOrEmptyOrTooMany_AreNone()
    {
        byte[] two = RailDescriptions.ToBytes([Rail(0), Rail(1)]);
        for (int length = 0; length < two.Length; length++)
        {
            Assert.Equal(length == two.Length / 2, RailDescriptions.TryRead(two.AsSpan(0, length)) is not null); // the first alone is whole
        }

        Assert.Null(RailDescriptions.TryRead(RailDescriptions.ToBytes(Enumerable.Range(0, RailDescriptions.MaximumRails + 1).Select(Rail))));
    }

    private static RdmaDescription Rail(int number) => new(LinkLayer.Ethernet, GidType.RoceV2, IsIPv4: true, PathMtu.Bytes4096, new PartitionKey((ushort)(0x8001 + number)), $"rxe{number:00}");
}
