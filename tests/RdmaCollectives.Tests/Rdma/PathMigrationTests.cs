using RdmaCollectives.Transports.Rdma;

namespace RdmaCollectives.Tests.Rdma;

/// <summary>
/// The protocol by which a connection changes its rail, with everything around it played: queue pairs that lose messages and acknowledgements when their rail breaks, at any moment and at one end or both, and
/// a control plane that is late. Real adapters can't be told when to lose what, so this is a model; the real thing is in the tests on Soft-RoCE.
/// </summary>
public sealed class PathMigrationTests
{
    [Fact]
    public void Move_AtAnyMoment_LosesNoMessageAndBringsNoneTwice()
    {
        int moves = 0;
        int again = 0;
        int acknowledgementsLost = 0;
        int heardEarly = 0;
        for (int seed = 0; seed < 4000; seed++)
        {
            var link = new PlayedLink(seed, rails: 2 + (seed % 2));
            link.Play(steps: 400);
            link.Settle();
            link.AssertWhole($"seed {seed}");
            moves += link.Moves;
            again += link.SentAgain;
            acknowledgementsLost += link.AcknowledgementsLost;
            heardEarly += link.HeardEarly;
        }

        // It is no proof of anything where nothing happened.
        Assert.True(moves > 4000 && again > 1000 && acknowledgementsLost > 1000 && heardEarly > 100, $"{moves} moves, {again} messages sent again, {acknowledgementsLost} acknowledgements lost, {heardEarly} credits early");
    }

    /// <summary>Each mistake would lose or repeat a message; that the model tells is what makes the test above one.</summary>
    [Theory]
    [InlineData(PlayedMistake.SendsAgainWhatHasArrived)]
    [InlineData(PlayedMistake.ForgetsWhatWasUnderWay)]
    [InlineData(PlayedMistake.AnswersBeforeItHasStopped)]
    [InlineData(PlayedMistake.SendsBeforeTheOtherIsReady)]
    public void Move_WithAMistake_IsNoticed(PlayedMistake mistake)
    {
        int noticed = 0;
        for (int seed = 0; seed < 500 && noticed == 0; seed++)
        {
            var link = new PlayedLink(seed, rails: 2, mistake);
            Exception? wrongCounts = Record.Exception(() =>
            {
                link.Play(steps: 400);
                link.Settle();
            });
            noticed += link.IsWhole && wrongCounts is null ? 0 : 1;
        }

        Assert.Equal(1, noticed);
    }

    [Fact]
    public void Move_NoOtherRailIsUp_FailsAtBothEnds()
    {
        var link = new PlayedLink(seed: 1, rails: 2);
        link.SetUp(rail: 1, isUp: false);
        link.Break(rail: 0);
        link.SetUp(rail: 0, isUp: false);
        link.Settle();
        Assert.All(link.Failures, failure => Assert.Contains("no other rail is up at both ends", failure, StringComparison.Ordinal));
    }

    /// <summary>Either end may be the first to fail, and that one's words are what all ranks get: each tells what the devices of both have said.</summary>
    [Fact]
    public void Move_NoOtherRailIsUp_BothEndsTellWhatTheDevicesOfBothHaveSaid()
    {
        var link = new PlayedLink(seed: 1, rails: 2);
        link.SetUp(side: 0, rail: 1, isUp: false);
        link.Break(rail: 0);
        link.SetUp(side: 1, rail: 0, isUp: false);
        link.Settle();
        Assert.All(link.Failures, failure => Assert.Contains("(rdma link show, on both hosts). Before that rail ", failure, StringComparison.Ordinal));
        Assert.All(link.Failures, failure => Assert.Contains("rail 1 of side 0 said: the port went down", failure, StringComparison.Ordinal));
        Assert.All(link.Failures, failure => Assert.Contains("rail 0 of side 1 said: the port went down", failure, StringComparison.Ordinal));
    }

    /// <summary>All ports say that they are up, and nothing comes through: the switches behind them are gone.</summary>
    [Fact]
    public void Move_EveryRailLosesEverything_FailsAtBothEndsAfterEachWasTried()
    {
        var link = new PlayedLink(seed: 1, rails: 2);
        link.IsHopeless = true;
        link.Break(rail: 0);
        link.Send(from: 0);
        link.Settle();
        Assert.All(link.Failures, failure => Assert.Contains("moves in a row brought no message across", failure, StringComparison.Ordinal));
        Assert.InRange(link.Moves, 4, 10); // of both ends together
    }

    [Fact]
    public void Move_BackHome_LeavesNothingBehind()
    {
        var link = new PlayedLink(seed: 3, rails: 2);
        link.Break(rail: 0);
        link.Settle();
        Assert.Equal([1, 1], link.Rails);
        link.Mend(rail: 0);
        link.GoHome();
        link.Settle();
        Assert.Equal([0, 0], link.Rails);
        link.Send(from: 0);
        link.Send(from: 1);
        link.Settle();
        link.AssertWhole("home again");
    }

    /// <summary>Where a rank can move nothing any more its connections stay as they are, and the other end is not answered.</summary>
    [Fact]
    public void GiveUp_WhileTheConnectionIsUp_LeavesItWhereItIs()
    {
        var link = new PlayedLink(seed: 1, rails: 2);
        link.Send(from: 0);
        link.GiveUp(side: 1);
        link.Settle();
        link.AssertWhole("nothing broke");
        link.Break(rail: 0);
        link.Settle();
        Assert.Equal([0, 0], link.Rails);
        Assert.All(link.Failures, failure => Assert.Empty(failure));
    }

    [Fact]
    public void Choose_TheHomeRailFirst_ThenTheNextTrustedOne()
    {
        var all = new RailSet(0b1111, 0);
        Assert.Equal(2, RailSet.Choose(all, all, 4, home: 2, failed: -1));
        Assert.Equal(3, RailSet.Choose(all, all, 4, home: 2, failed: 2));
        Assert.Equal(0, RailSet.Choose(all, all with { Up = 0b0111 }, 4, home: 2, failed: 2));
        Assert.Equal(1, RailSet.Choose(all with { Suspect = 0b1000 }, all with { Suspect = 0b0001 }, 4, home: 2, failed: 2));
        Assert.Equal(3, RailSet.Choose(all with { Suspect = 0b1111 }, all, 4, home: 2, failed: 2)); // suspects rather than nothing
        Assert.Null(RailSet.Choose(new RailSet(0b0101, 0), new RailSet(0b1010, 0), 4, home: 0, failed: -1));
    }

    [Fact]
    public void Message_WrittenAndRead_IsTheSame()
    {
        var endpoint = new RdmaEndpoint(new(7, 8, 9, default), 10, 11, 12);
        var message = new PathMessage(PathMessageKind.Stopped, 3, 77, new RailSet(5, 2), IsFailure: true, new MessageCounts(1UL << 40, 21, 22), endpoint);
        byte[] bytes = message.ToBytes();
        Assert.Equal(message, PathMessage.TryRead(bytes));
        Assert.Null(PathMessage.TryRead(bytes.AsSpan(1)));
        bytes[0] = 99;
        Assert.Null(PathMessage.TryRead(bytes));

        message = message with { Said = new string('ä', PathMessage.MostSaidBytes / 2) };
        bytes = message.ToBytes();
        Assert.Equal(message, PathMessage.TryRead(bytes));
        Assert.Null(PathMessage.TryRead([.. bytes, (byte)'!'])); // too long
        Assert.Null(PathMessage.TryRead(bytes.AsSpan(0, bytes.Length - 1))); // half a character
    }
}
