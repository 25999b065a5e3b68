using RdmaCollectives.Membership;

namespace RdmaCollectives.Tests.Membership;

public sealed class AgreementCodecTests
{
    private const int Ranks = 5;

    private static readonly Roster Some = new(2, 77, [0, 2, 4], [9, 8, 7], [5, 6]);

    [Fact]
    public void Read_OfWhatWasWritten_IsTheSame()
    {
        var known = new Knowledge(Ranks);
        known.Died(3);
        known.Promised(1, new Ballot(4, 2), 11);
        known.Voted(new Ballot(3, 1), Some);
        AgreementMessage read = AgreementCodec.Read(AgreementCodec.Write(new AgreementMessage(AgreementKind.Promise, new Ballot(4, 2), Completed: 12, Known: known)), Ranks);
        Assert.Equal((AgreementKind.Promise, new Ballot(4, 2), 12UL), (read.Kind, read.Ballot, read.Completed));
        Assert.True(read.Known!.IsDead(3) && !read.Known.IsDead(1));
        Assert.Equal((new Ballot(4, 2), 11UL), (read.Known.PromiseOf(1), read.Known.CompletedBy(1)));
        Assert.Equal(new Ballot(3, 1), read.Known.Vote!.Value.Ballot);
        Assert.True(read.Known.Vote.Value.Roster.IsSame(Some));
        Assert.Equal(Some.Completed, read.Known.Vote.Value.Roster.Completed);

        AgreementMessage decision = AgreementCodec.Read(AgreementCodec.Write(new AgreementMessage(AgreementKind.Decision, Ballot.None, Some)), Ranks);
        Assert.True(decision.Roster!.IsSame(Some));
    }

    [Fact]
    public void Read_OfAnythingCutOrAltered_IsRefusedOrReadable()
    {
        byte[] whole = AgreementCodec.Write(new AgreementMessage(AgreementKind.Vote, new Ballot(1, 0), Some));
        for (int length = 0; length < whole.Length; length++)
        {
            Assert.Throws<CollectiveException>(() => AgreementCodec.Read(whole.AsSpan(0, length), Ranks));
        }

        var random = new Random(1);
        for (int run = 0; run < 20_000; run++)
        {
            byte[] altered = [.. whole];
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                altered[random.Next(altered.Length)] = (byte)random.Next(256);
            }

            Exception? error = Record.Exception(() => AgreementCodec.Read(altered, Ranks));
            Assert.True(error is null or CollectiveException { Error: Error.Protocol }, $"run {run}: {error}");
        }
    }

    [Fact]
    public void Read_OfAnInvitation_IsTheSameOrRefused()
    {
        byte[] whole = new Invitation(3, 99, [4, 2, 7]).ToBytes();
        Invitation read = Invitation.Read(whole);
        Assert.Equal((3, 99UL), (read.Epoch, read.Scope));
        Assert.Equal([4, 2, 7], read.JobRanks);
        Assert.Throws<CollectiveException>(() => Invitation.Read(whole.AsSpan(0, whole.Length - 1)));
        Assert.Throws<CollectiveException>(() => Invitation.Read(new Invitation(3, 99, [4, 4]).ToBytes()));
    }
}
